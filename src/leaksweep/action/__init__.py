"""The container action: what GitHub's runner gives us, one scan, and what the runner wants back.

No secret is printed, not even as ``::add-mask::``: the runner's log would hide it, every other reader of the stream
(a local runner, a log shipper, ``docker logs``) would not, and our reports show secrets redacted anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leaksweep.action import inputs, outputs
from leaksweep.config import Config
from leaksweep.errors import ExitCode, LeaksweepError
from leaksweep.model import Result
from leaksweep.output import ProofTo, deliver


def act(
    environ: Mapping[str, str],
    run: Callable[[Config], Result],
    judge: Callable[[Result], ExitCode],
    prove: Callable[[Config, Result], ProofTo | None],
) -> ExitCode:
    """Scan as the inputs say; write reports, outputs, the step summary and annotations.

    Raises:
        LeaksweepError: as any scan; the outputs and an annotation have told it by then.
    """
    try:
        config = inputs.config(environ)
        with outputs.no_commands():
            result = run(config)
            deliver(result, config.reports, proof=prove(config, result))
        code = judge(result)
        outputs.write(environ, outputs.of_result(result, code, inputs.sarif_file(environ)))
        outputs.summarize(environ, result)
        outputs.annotate(result)
    except LeaksweepError as error:
        outputs.complain(error)
        outputs.write(environ, outputs.of_error(error))
        raise
    return code
