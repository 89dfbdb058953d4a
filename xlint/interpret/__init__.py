"""The abstract interpreter: runs a script on abstract values and hands on sites. It knows no rule."""
