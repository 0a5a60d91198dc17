"""Typed `parameters` of the learners that are no networks: plan and learners hold a spec against them."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from serflow.validation import Count, Index, Positive, Strict, validate

__all__ = ["ElmSettings", "GmmHmmSettings", "MajoritySettings", "MklSettings", "SvmSettings", "check_settings"]

ClassWeight = Literal["balanced", "none"]


class MajoritySettings(Strict):
    """Of `serflow.learners.majority`: none."""


class SvmSettings(Strict):
    """Of `serflow.learners.svm`."""

    kernel: Literal["linear"]
    C: Positive
    class_weight: ClassWeight


class ElmSettings(Strict):
    """Of `serflow.learners.elm`."""

    threshold: Annotated[float, Field(gt=0, le=1)]
    hidden: Count
    ridge: Positive
    class_weight: ClassWeight


class Kernels(Strict):
    """Kernels on each representation (`serflow.learners.parts.kernels`)."""

    gammas: list[Positive]
    degrees: list[Count]
    offset: Positive
    mean_squared_distance: Positive

    @model_validator(mode="after")
    def _some(self) -> "Kernels":
        if not self.gammas + self.degrees:
            raise ValueError("gammas and degrees are both empty; expected one kernel or more")
        return self


class MklSettings(Strict):
    """Of `serflow.learners.mkl`."""

    kernels: Kernels
    weights: Literal["learned", "uniform"]
    norm: Annotated[float, Field(gt=1)]
    C: Positive
    class_weight: ClassWeight
    tolerance: Positive
    max_updates: Count
    exact_up_to: Index
    landmarks: Count


class GmmHmmSettings(Strict):
    """Of `serflow.learners.gmm_hmm`."""

    states: Count
    mixtures: Count
    covariance: Literal["diag", "spherical", "tied", "full"]
    iterations: Count
    prior_frames: Positive
    every: Count
    class_prior: Literal["training", "uniform"]


def check_settings(settings: dict[str, Any], kind: type[Strict], *, learner: str) -> dict[str, Any]:
    """`settings`, which are of their type; a `UserError` names what is not."""
    validate(settings, kind, where=f"{learner}, parameters")
    return settings
