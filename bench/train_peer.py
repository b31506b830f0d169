#!/usr/bin/python3
"""Times PyTorch on the arithmetic that bench_train times, and prints both with their ratio.

Written from PAPER.md; needs Debian's python3-torch. Usage: train_peer.py BUILD/bench/bench_train [seconds a row] [threads]
One thread is timed by its processor time, several by the wall clock, in both programs. A ratio is of medians.
"""
import re
import statistics
import subprocess
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

CLASSIFIERS, CLASSES, BATCH = 6, 17, 8


def block(channels, filters, kernel, groups=1, padding=0, pool=True):
    layers = [nn.Conv1d(channels, filters, kernel, groups=groups, padding=padding), nn.BatchNorm1d(filters), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool1d(2)) if pool else nn.Sequential(*layers)


class Tiny(nn.Module):
    """Selector, or classifier that reads the selector's first two maps."""

    def __init__(self, outputs, reuse):
        super().__init__()
        extra = 8 if reuse else 0
        self.norm = nn.BatchNorm1d(3)
        self.block1, self.block2, self.block3 = block(3, 8, 15), block(8 + extra, 8, 9), block(8 + extra, 4, 5)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(52, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, outputs))

    def forward(self, x, maps=None):
        a = self.block1(self.norm(x))
        b = self.block2(a if maps is None else torch.cat([a, maps[0]], 1))
        c = self.block3(b if maps is None else torch.cat([b, maps[1]], 1))
        self.maps = a, b
        return self.head(c.flatten(1))


class Batched(nn.Module):
    """All classifiers at once: grouped convolutions and batched matrix products."""

    def __init__(self, k):
        super().__init__()
        self.k = k
        self.norm = nn.BatchNorm1d(3 * k)
        self.block1, self.block2, self.block3 = block(3 * k, 8 * k, 15, k), block(16 * k, 8 * k, 9, k), block(16 * k, 4 * k, 5, k)
        self.w1, self.b1 = nn.Parameter(torch.randn(k, 52, 64) / 7), nn.Parameter(torch.zeros(k, 1, 64))
        self.w2, self.b2 = nn.Parameter(torch.randn(k, 64, CLASSES) / 8), nn.Parameter(torch.zeros(k, 1, CLASSES))

    def join(self, own, shared):
        n, _, length = own.shape
        own = own.view(n, self.k, -1, length)
        shared = shared.unsqueeze(1).expand(-1, self.k, -1, -1)
        return torch.cat([own, shared], 2).reshape(n, -1, length)

    def forward(self, x, maps):
        a = self.block1(self.norm(x.repeat(1, self.k, 1)))
        b = self.block2(self.join(a, maps[0]))
        c = self.block3(self.join(b, maps[1]))
        features = c.view(c.shape[0], self.k, -1).transpose(0, 1)
        hidden = F.relu(torch.baddbmm(self.b1, F.dropout(features, 0.2), self.w1))
        return torch.baddbmm(self.b2, F.dropout(hidden, 0.2), self.w2)


class Strong(nn.Module):
    def __init__(self):
        super().__init__()
        blocks, channels = [nn.BatchNorm1d(3)], 3
        for i, (filters, kernel) in enumerate(zip([64, 64, 32, 32, 32, 16], [15, 13, 9, 9, 5, 5])):
            blocks.append(block(channels, filters, kernel, padding=1, pool=i % 2 == 1))
            channels = filters
        self.features = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(176, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, CLASSES))

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=1e-4, momentum=0.9, nesterov=True, weight_decay=1e-4)


class Steps:
    def __init__(self):
        torch.manual_seed(1)
        self.selector = Tiny(CLASSIFIERS, False)
        self.classifiers = [Tiny(CLASSES, True) for _ in range(CLASSIFIERS)]
        self.batched, self.strong = Batched(CLASSIFIERS), Strong()
        self.selector_sgd = sgd(self.selector.parameters())
        self.sgds = [sgd(c.parameters()) for c in self.classifiers]
        self.batched_sgd, self.strong_sgd = sgd(self.batched.parameters()), sgd(self.strong.parameters())
        self.x, self.y = torch.randn(BATCH, 3, 151), torch.randint(0, CLASSES, (BATCH,))

    def route(self):
        self.selector.eval()
        with torch.no_grad():
            choice = self.selector(self.x).argmax(1)
        return choice, self.selector.maps

    def term(self, logits, mask):
        return (F.cross_entropy(logits, self.y, reduction="none") * mask).sum() / mask.sum().clamp(min=1)

    def classifier_step(self):
        """As published: the masks and each of three groups of terms from a forward of their own, all in train mode."""
        choice, maps = self.route()
        for c in self.classifiers:
            c.train()
        with torch.no_grad():
            right = torch.stack([c(self.x, maps).argmax(1) == self.y for c in self.classifiers])
        count = right.sum(0)
        for k, (c, optimizer) in enumerate(zip(self.classifiers, self.sgds)):
            own = right[k]
            loss = self.term(c(self.x, maps), (choice == k).float())
            logits = c(self.x, maps)
            loss = loss + 0.1 * self.term(logits, (own & (count == 1)).float()) + 0.1 * self.term(logits, (count == 0).float())
            loss = loss - 0.03 * self.term(c(self.x, maps), (own & (count > 1)).float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def batched_step(self):
        """The least that a framework must do: one forward and one backward of all classifiers at once."""
        choice, maps = self.route()
        logits = self.batched(self.x, maps)
        right = logits.argmax(2) == self.y
        count, own = right.sum(0), right
        routed = (choice == torch.arange(CLASSIFIERS)[:, None]).float()
        weights = [(1, routed), (0.1, (own & (count == 1)).float()), (0.1, (count == 0).float().expand(CLASSIFIERS, -1)),
                   (-0.03, (own & (count > 1)).float())]
        weight = sum(f * m / m.sum(1, keepdim=True).clamp(min=1) for f, m in weights)
        losses = F.cross_entropy(logits.reshape(-1, CLASSES), self.y.repeat(CLASSIFIERS), reduction="none")
        loss = (losses * weight.reshape(-1)).sum()
        self.batched_sgd.zero_grad()
        loss.backward()
        self.batched_sgd.step()

    def selector_step(self):
        self.selector.train()
        logits = self.selector(self.x)
        maps = [m.detach() for m in self.selector.maps]
        values = []
        with torch.no_grad():
            for c in self.classifiers:
                c.eval()
                best, label = F.softmax(c(self.x, maps), 1).max(1)
                values.append(torch.where(label == self.y, best, -best))
        loss = F.cross_entropy(logits, torch.stack(values).argmax(0))
        self.selector_sgd.zero_grad()
        loss.backward()
        self.selector_sgd.step()

    def evaluation(self):
        _, maps = self.route()
        with torch.no_grad():
            for c in self.classifiers:
                c.eval()
                c(self.x, maps)

    def strong_step(self):
        loss = F.cross_entropy(self.strong(self.x), self.y)
        self.strong_sgd.zero_grad()
        loss.backward()
        self.strong_sgd.step()


def measure(f, seconds, clock):
    for _ in range(3):
        f()
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end or len(times) < 11:
        start = clock()
        f()
        times.append((clock() - start) * 1e3)
    quarters = statistics.quantiles(times, n=4)
    return statistics.median(times), min(times), quarters[2]


def ours(program, seconds, threads, name):
    out = subprocess.run([program, str(seconds), str(threads), name], capture_output=True, text=True, check=True).stdout
    line = next(l for l in out.splitlines() if re.match(rf"\s*{re.escape(name)}\s+[\d.]+ ms", l))
    return [float(v) for v in re.search(r"([\d.]+) ms\s+\(([\d.]+) \.\. ([\d.]+)\)", line).groups()]


def main():
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    program = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5.0
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    steps = Steps()
    rows = [("classifier step, four forwards", steps.classifier_step, "classifier step", 1),
            ("classifier step, batched", steps.batched_step, "classifier step", 1),
            ("selector step", steps.selector_step, "selector step", 1),
            ("evaluation", steps.evaluation, "evaluation", 1),
            ("strong model step", steps.strong_step, "strong model step", 1)]
    if threads > 1:
        rows.append((f"strong model step, {threads} threads", steps.strong_step, f"strong model step, {threads} threads", threads))
    print(f"PyTorch {torch.__version__}; milliseconds, median (least .. third quartile)")
    for name, step, row, count in rows:
        torch.set_num_threads(count)
        peer = measure(step, seconds, time.thread_time if count == 1 else time.monotonic)
        own = ours(program, seconds, count, row)
        print(f"{name:36} PyTorch {peer[0]:8.3f} ({peer[1]:.3f} .. {peer[2]:.3f})   here {own[0]:8.4f} ({own[1]:.4f} .. {own[2]:.4f})"
              f"   {peer[0] / own[0]:6.1f} times as fast, {peer[1] / own[1]:6.1f} by the least", flush=True)


if __name__ == "__main__":
    main()
