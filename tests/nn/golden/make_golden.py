#!/usr/bin/python3
"""Writes golden.txt: what PyTorch computes, in double, for a few small networks of the engine's kind.

Run with Debian's python3-torch: make_golden.py > golden.txt. test_golden.cpp builds the same networks and compares.
A line is a name, a count and that many values; "case NAME" begins a network.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


class Block(nn.Module):
    def __init__(self, channels, filters, kernel, stride=1, pad=(0, 0), pool=(1, 2), depthwise=False):
        super().__init__()
        groups = channels if depthwise else 1
        self.conv = nn.Conv2d(channels, filters, kernel, stride=stride, padding=pad, groups=groups)
        self.norm = nn.BatchNorm2d(filters)
        self.pool = nn.MaxPool2d(pool)

    def forward(self, x, extra=None):
        if extra is not None:
            x = torch.cat([x, extra], 1)
        return self.pool(F.relu(self.norm(self.conv(x))))


class Network(nn.Module):
    def __init__(self, channels, blocks, widths, average=False):
        super().__init__()
        self.input_norm = nn.BatchNorm2d(channels)
        self.blocks = nn.ModuleList(blocks)
        self.linears = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.average = average

    def forward(self, x, extras):
        x = self.input_norm(x)
        self.maps = []
        for block, extra in zip(self.blocks, extras):
            x = block(x, extra)
            x.retain_grad()
            self.maps.append(x)
        x = x.mean((2, 3)) if self.average else x.flatten(1)
        self.features = x
        for linear in self.linears[:-1]:
            x = F.relu(linear(x))
        return self.linears[-1](x)


def show(name, tensor):
    values = tensor.detach().double().flatten().tolist()
    print(name, len(values), *("%.13g" % v for v in values))


def engine_name(name):
    parts = name.split(".")
    if parts[0] == "blocks":
        return ".".join([f"block{int(parts[1]) + 1}"] + parts[2:])
    if parts[0] == "linears":
        return ".".join([f"linear{int(parts[1]) + 1}"] + parts[2:])
    return name


def show_parameters(prefix, net, of):
    for name, p in net.named_parameters():
        show(f"{prefix}.{engine_name(name)}", of(p))


def show_statistics(prefix, net):
    for name, buffer in net.named_buffers():
        if name.endswith("running_mean"):
            show(f"{prefix}.{engine_name(name[:-12])}mean", buffer)
        if name.endswith("running_var"):
            show(f"{prefix}.{engine_name(name[:-11])}variance", buffer)


def case(name, make, shape, extra_shapes, samples, outputs):
    torch.manual_seed(1)
    net = make()
    with torch.no_grad():
        for p_name, p in net.named_parameters():
            if "norm" in p_name:
                p += 0.3 * torch.randn_like(p)
    initial = {k: v.clone() for k, v in net.state_dict().items()}
    x = torch.randn(samples, *shape) * 2 + 1
    extras = [None if s is None else torch.randn(samples, *s).relu().requires_grad_() for s in extra_shapes]
    labels = torch.randint(0, outputs, (samples,))
    weights = torch.rand(samples) - 0.2
    print("case", name)
    show("input", x)
    for b, e in enumerate(extras):
        if e is not None:
            show(f"extra{b + 1}", e)
    show("labels", labels)
    show("weights", weights)
    show_parameters("initial", net, lambda p: p)

    def loss():
        logits = net(x, extras)
        return logits, (F.cross_entropy(logits, labels, reduction="none", label_smoothing=0.1) * weights).sum()

    net.train()
    logits, value = loss()
    value.backward()
    show("logits", logits)
    show("loss", value)
    show("features", net.features)
    for b, m in enumerate(net.maps):
        show(f"map{b + 1}", m)
    show_parameters("gradient", net, lambda p: p.grad)
    for b, e in enumerate(extras):
        if e is not None:
            show(f"extra_gradient{b + 1}", e.grad)
    show_statistics("statistics", net)
    net.eval()
    show("evaluated", net(x, extras))
    for kind in ("sgd", "adamw"):
        net.load_state_dict(initial)
        net.train()
        if kind == "sgd":
            optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-2)
        else:
            optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=1e-2)
        for _ in range(3):
            optimizer.zero_grad()
            loss()[1].backward()
            optimizer.step()
        # Adam divides by the gradient's size: where the exact gradient is 0 (bias before a norm), rounding decides.
        for p_name, p in net.named_parameters():
            if kind == "sgd" or p.grad.abs().max() > 1e-12:
                show(f"{kind}.{engine_name(p_name)}", p)


case("series",
     lambda: Network(3, [Block(3, 5, (1, 7)), Block(5 + 3, 4, (1, 4)), Block(4 + 2, 3, (1, 3))], [3 * 3, 8, 5]),
     (3, 1, 50), [None, (3, 1, 22), (2, 1, 9)], 11, 5)
case("image",
     lambda: Network(2, [Block(2, 6, (3, 4), stride=2, pad=(1, 1), pool=(1, 1)),
                         Block(6, 6, (3, 3), pad=(1, 1), pool=(1, 1), depthwise=True),
                         Block(6, 7, (1, 1), pool=(2, 2))], [7, 4], average=True),
     (2, 13, 12), [None] * 3, 6, 4)
case("single_sample", lambda: Network(2, [Block(2, 3, (1, 5))], [3 * 6, 3]), (2, 1, 17), [None], 1, 3)
