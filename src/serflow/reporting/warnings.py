"""What keeps a report's numbers from being the papers', as its pages say it."""

from typing import Any

from serflow.reporting.wording import sentence

__all__ = ["warnings"]

SYNTHESISED = ("synthesised speech", "Synthesised speech: these numbers say nothing about IEMOCAP.")


def warnings(spec: dict[str, Any]) -> list[dict[str, str]]:
    """What keeps the numbers of `spec` from being the papers': each as a word or two (``short``) and as a ``text``."""
    found = [SYNTHESISED] if spec["corpus"]["speech"] == "synthesised" else []
    if spec["preset"]["reduced"]:
        short = f"{spec['preset']['id']} preset"
        found.append((short, sentence(f"{short}: {spec['preset']['text']}")))
    return [{"short": short, "text": text} for short, text in found]
