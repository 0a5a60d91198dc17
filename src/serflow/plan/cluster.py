"""What the jobs of a cluster are told, by the environment that they take over."""

import os

from serflow.training.kept import WANTED

__all__ = ["tell_jobs"]


def tell_jobs(*, inside: bool) -> None:
    """Give Snakemake a profile in the jobs that it sends; `inside` such a job, let what is finished be kept.

    A job that holds several runs fails as a whole, and is sent again.
    """
    os.environ["SNAKEMAKE_PROFILE"] = "workflow/profiles/job"
    if inside:
        os.environ[WANTED] = "1"
