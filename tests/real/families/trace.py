"""Who reads and who writes what, in one forward pass of a tiny model.

Needs torch. A Trace refers to its model and is not changed. Not for threads.
"""
import torch

from rules import width_axis


def own_parameters(module):
    return dict(module.named_parameters(recurse=False))


def owners_of(model, values):
    """Names of the modules that hold a vector of these values: several where layers share it."""
    return [name for name, module in model.named_modules()
            if any(parameter.shape == values.shape and torch.equal(parameter.data, values)
                   for parameter in own_parameters(module).values())]


def rows(tensor, width):
    """The vectors of the last axis, as bytes; none where it has another length."""
    if tensor is None or tensor.shape[-1:] != (width,):
        return set()
    flat = tensor.detach().float().reshape(-1, width).contiguous()
    return {row.numpy().tobytes() for row in flat}


def first_tensor(values):
    """Of a call's arguments or results, whatever they are packed in."""
    for value in values:
        if torch.is_tensor(value) and value.is_floating_point():
            return value
        if isinstance(value, (tuple, list)):
            inner = first_tensor(value)
            if inner is not None:
                return inner
    return None


class Trace:
    """Inputs and outputs of every module with parameters of its own."""

    def __init__(self, model, width, run):
        self.model, self.width = model, width
        self.inputs, self.outputs, hooks = {}, {}, []
        for name, module in model.named_modules():
            if own_parameters(module):
                hooks.append(module.register_forward_hook(self.hook(name), with_kwargs=True))
        try:
            self.logits = run(model)
        finally:
            for hook in hooks:
                hook.remove()

    def hook(self, name):
        def keep(_, args, kwargs, result):
            given, gave = first_tensor([*args, *kwargs.values()]), first_tensor([result])
            self.inputs.setdefault(name, set()).update(rows(given, self.width))
            self.outputs.setdefault(name, set()).update(rows(gave, self.width))
        return keep

    def readers_of(self, name):
        """Modules all of whose inputs are outputs of the module `name`."""
        gave = self.outputs.get(name, set())
        return [other for other, given in self.inputs.items()
                if other != name and given and given <= gave]

    def is_norm(self, name):
        return any(parameter.shape == (self.width,)
                   for parameter in own_parameters(self.model.get_submodule(name)).values()
                   ) and all(parameter.dim() == 1 for parameter in
                             own_parameters(self.model.get_submodule(name)).values())

    def norms_before(self, name):
        given = self.inputs.get(name) or {b""}
        return [norm for norm, gave in self.outputs.items()
                if norm != name and given <= gave and self.is_norm(norm)]

    def norms_after(self, name):
        gave = self.outputs.get(name) or {b""}
        return [norm for norm, given in self.inputs.items()
                if norm != name and given == gave and self.is_norm(norm)]

    def holders_of(self, tensors, spot):
        """The module that holds the first unit of an FFN matrix, or ''."""
        matrix = tensors[spot.name].float()
        if (width_axis(spot) == -1) == (spot.role == "ffn_down"):
            matrix = matrix.transpose(-1, -2)
        vector = matrix.reshape(-1, self.width)[0]
        for name in self.inputs:
            for parameter in own_parameters(self.model.get_submodule(name)).values():
                forms = [parameter.data, parameter.data.transpose(-1, -2)
                         ] if parameter.dim() > 1 else []
                for form in forms:
                    if form.shape[-1] == self.width and bool(
                            (form.reshape(-1, self.width) == vector).all(-1).any()):
                        return name
        return ""
