"""``leaksweep hook``: git hooks that stop a commit or a push that holds a secret."""

from __future__ import annotations

from typing import Annotated

import typer

from leaksweep.cli import PASSED_ON
from leaksweep.cli.given import settings_of

app = typer.Typer(
    help="Git hooks that stop a commit or a push with a secret; install and run take the options of scan.",
    rich_markup_mode=None,
)

TYPE = Annotated[str, typer.Option("--type", metavar="HOOK", help="pre-commit, pre-push or pre-receive.")]
GLOBAL = Annotated[bool, typer.Option("--global", help="For all repositories of this user.")]
FILE = Annotated[
    str, typer.Option("--file", metavar="FILE", help="The hook's file, where a server wants it in a place of its own.")
]


@app.command("install", context_settings=PASSED_ON)
def install(ctx: typer.Context, kind: TYPE = "pre-commit", everywhere: GLOBAL = False, file: FILE = "") -> None:
    """Install a hook in this folder's repository. A hook that is there is kept and run first."""
    from leaksweep.hooks.install import install
    from leaksweep.hooks.look import known

    settings_of(ctx.args, "hook install")  # wrong options are found now, not by the first commit
    for line in install(known(kind), ctx.args, for_all=everywhere, file=file):
        typer.echo(line)


@app.command("uninstall")
def uninstall(kind: TYPE = "pre-commit", everywhere: GLOBAL = False, file: FILE = "") -> None:
    """Remove a hook of leaksweep's, and put back what stood there before."""
    from leaksweep.hooks.install import uninstall
    from leaksweep.hooks.look import known

    for line in uninstall(known(kind), for_all=everywhere, file=file):
        typer.echo(line)


@app.command("run", context_settings=PASSED_ON)
def run(
    ctx: typer.Context,
    kind: TYPE = "pre-commit",
    remote: Annotated[str, typer.Option(help="Of pre-push: the name or the address of the remote.")] = "",
    time_limit: Annotated[
        float, typer.Option(metavar="SECONDS", help="Block what is not scanned by then; 0: take all the time.", min=0)
    ] = 0,
) -> int:
    """What git calls: look at what is about to be committed or pushed, and exit 1 if it holds a new secret."""
    import sys

    from leaksweep.cli.scan import exit_code, sweep
    from leaksweep.hooks import HOOKS
    from leaksweep.hooks.limit import limited
    from leaksweep.hooks.look import known, targets
    from leaksweep.hooks.told import told
    from leaksweep.output import deliver, show

    hook, config = HOOKS[known(kind)], settings_of(ctx.args, "hook run").config
    lines = sys.stdin.buffer.read() if hook.reads else b""
    with limited(time_limit, passes=config.allow_skipped):
        result = sweep(config, targets(kind, lines, remote))
    text = "".join(f"{line}\n" for line in told(result, hook))
    show(sys.stderr, text.encode("utf-8", "backslashreplace"))
    if config.reports:
        deliver(result, config.reports, quiet=True)
    return exit_code(result)
