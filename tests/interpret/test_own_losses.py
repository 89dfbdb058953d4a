"""Which calls that no table describes are taken for losses."""

from __future__ import annotations

from textwrap import dedent

from xlint.engine import scan_text
from xlint.settings import Settings


def losses(script: str) -> list[tuple[int, str]]:
    result = scan_text("train.py", dedent(script), Settings(no_cache=True, jobs=1))
    return [(site.place.line, site.loss) for site in result.sites]


def test_the_call_of_the_model_itself_is_no_loss() -> None:
    found = losses(
        """\
        import torch
        from torch import nn

        class Network(nn.Module):
            def step(self, pictures, depths, masks):
                scores = self.forward(pictures, depths)
                loss = self.criterion(scores, masks)
                loss.backward()

            def step_by_hand(self, pictures, depths, masks):
                loss = (self(pictures, depths) - masks).abs().mean()
                loss.backward()

            def validate(self, pictures, depths):
                return torch.sigmoid(self.forward(pictures, depths))
        """
    )
    assert found == [(7, "self.criterion")]
