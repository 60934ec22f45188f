"""PGD of other libraries on exported subjects, one a process: one JSON line out for the one in on standard input.

    pip install torch onnx onnx2torch onnxruntime numpy torchattacks foolbox adversarial-robustness-toolbox pyautoattack

{"peer": "torchattacks" | "foolbox" | "art" | "pyautoattack", ...subject of ../parity/autoattack.py, "iterations": k, "rounds": r}
-> {"seconds": least of the rounds, "cpu": the same in processor time, "accuracy", "peak": bytes, "base": bytes before the first round}
"""
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "parity"))
from autoattack import DataSpace  # noqa: E402


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def attack_of(subject, module, x, y):
    """A function of no arguments that gives adversarial examples."""
    peer, norm, epsilon, steps = subject["peer"], subject["norm"], subject["epsilon"], subject["iterations"]
    alpha, batch = 2.5 * epsilon / steps, subject["batch"]
    batches = [(x[at:at + batch], y[at:at + batch]) for at in range(0, len(x), batch)]
    if peer == "torchattacks":
        import torchattacks
        made = torchattacks.PGD(module, eps=epsilon, alpha=alpha, steps=steps, random_start=True) if norm == "linf" else \
            torchattacks.PGDL2(module, eps=epsilon, alpha=alpha, steps=steps, random_start=True)
        return lambda: torch.cat([made(a, b) for a, b in batches])
    if peer == "foolbox":
        import foolbox
        model = foolbox.PyTorchModel(module, bounds=(0, 1), device="cpu")
        kind = foolbox.attacks.LinfPGD if norm == "linf" else foolbox.attacks.L2PGD
        made = kind(abs_stepsize=alpha, steps=steps, random_start=True)
        return lambda: torch.cat([made(model, a, foolbox.criteria.Misclassification(b), epsilons=epsilon)[1]
                                  for a, b in batches])
    if peer == "art":
        from art.attacks.evasion import ProjectedGradientDescent
        from art.estimators.classification import PyTorchClassifier
        classifier = PyTorchClassifier(model=module, loss=torch.nn.CrossEntropyLoss(), input_shape=tuple(x.shape[1:]),
                                       nb_classes=subject["classes"], clip_values=(0, 1), device_type="cpu")
        made = ProjectedGradientDescent(classifier, norm=np.inf if norm == "linf" else 2, eps=epsilon, eps_step=alpha,
                                        max_iter=steps, num_random_init=1, batch_size=batch, verbose=False)
        return lambda: torch.from_numpy(made.generate(x.numpy(), y.numpy()))
    import logging
    from pyautoattack import AutoAttack
    logging.getLogger("auto-attack").setLevel(logging.ERROR)

    def suite():
        adversary = AutoAttack(module, norm={"linf": "Linf", "l2": "L2"}[norm], eps=epsilon, version="standard", seed=0)
        return adversary.run_standard_evaluation(x, y, batch_size=batch)[0]
    return suite


def main():
    subject = json.loads(sys.stdin.readline())
    torch.set_num_threads(subject["threads"])
    torch.manual_seed(0)
    x = torch.from_numpy(np.fromfile(subject["x"], np.float32)).reshape(-1, *subject["shape"])
    y = torch.from_numpy(np.fromfile(subject["y"], np.int32)).long()
    module = DataSpace(subject).eval()
    with torch.no_grad():
        module(x[:subject["batch"]])
    run = attack_of(subject, module, x, y)
    base, least, cpu = peak(), float("inf"), float("inf")
    for _ in range(subject["rounds"]):
        began, cpu_began = time.perf_counter(), time.process_time()
        adversarial = run()
        least = min(least, time.perf_counter() - began)
        cpu = min(cpu, time.process_time() - cpu_began)
    with torch.no_grad():
        accuracy = (module(adversarial).argmax(1) == y).float().mean().item()
    print(json.dumps({"seconds": least, "cpu": cpu, "accuracy": accuracy, "peak": peak(), "base": base}), flush=True)


main()
