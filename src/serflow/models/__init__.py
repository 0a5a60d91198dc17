"""Network architectures, one a file; the file name is the registry."""

from typing import Any

from torch import nn

from serflow.errors import UserError
from serflow.registry import MODELS


def build(spec: dict[str, Any], *, dims: int | list[int], classes: int) -> nn.Module:
    """The network that `spec` names, for frames of `dims` values (of several inputs: of each) and `classes` classes.

    `spec` holds `name`, a module of this package, and that class's keyword arguments, all of them.
    """
    arguments = dict(spec)
    name = arguments.pop("name")
    network = MODELS.load(name)
    wanted = set(MODELS.arguments(name)) - {"dims", "classes"}
    if wrong := wanted.symmetric_difference(arguments):
        raise UserError(
            f"model {name}: keys {sorted(wrong)}: expected exactly {sorted(wanted)}; mend the system's `model:`"
        )
    return network(dims=dims, classes=classes, **arguments)
