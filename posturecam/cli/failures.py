"""What the program says when a command fails, and the code that it ends with.

Nothing of an address beyond its host is said, whatever the error has taken up of it.
"""

from __future__ import annotations

import errno
import sys
import traceback
from contextlib import suppress

from posturecam.base import memory
from posturecam.base.addresses import without_secrets
from posturecam.base.errors import INSTALL_AGAIN, DataError, InstallationError, PosturecamError
from posturecam.base.foreign_modules import REMEDY, foreign_modules
from posturecam.base.platforms import why_unsupported_here
from posturecam.base.printable import printable_lines
from posturecam.outputs.terminal import takes_more
from posturecam.pose.system_libraries import SYSTEM_LIBRARIES_REMEDY, names_system_library


def explain(error: Exception, *, debug: bool) -> int:
    """Complains of the error in one or two lines, or shows where it arose; the exit code."""
    if debug:
        complain(without_secrets("".join(traceback.format_exception(error))), begin="")
        return 1
    if isinstance(error, PosturecamError):
        complain(f"{without_secrets(error.what)}\n{error.remedy}".rstrip())
        return error.exit_code
    what, exit_code = _unforeseen(error)
    complain(what)
    return exit_code


def complain(text: str, *, begin: str = "posturecam: ") -> None:
    """Says `text` on stderr; where that is gone, nobody is left to tell."""
    with suppress(OSError):
        if takes_more(sys.stderr):
            print(f"{begin}{printable_lines(text)}", file=sys.stderr, flush=True)


def _unforeseen(error: Exception) -> tuple[str, int]:
    match error:
        case OSError(errno=errno.EMFILE | errno.ENFILE):
            return "Too many files are open.\nAllow more, and start again: ulimit -n 1024", 1
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            remedy = "Free some space, or send the output elsewhere."
            return f"{error.strerror}.\n{remedy}", DataError.exit_code
        case MemoryError():
            return f"{memory.TOO_LITTLE}\n{memory.REMEDY}", 1
        case ImportError() if memory.lacks_memory():  # what it says then is not the reason
            return f"{memory.TOO_LITTLE}\n{memory.REMEDY}", InstallationError.exit_code
    for module, file in foreign_modules().items():
        return f"Another {module} is in the way: {file}\n{REMEDY}", InstallationError.exit_code
    said = without_secrets(str(error))
    if isinstance(error, ImportError):
        named = names_system_library(said)
        what = f"The installation is incomplete: {said}."
        remedy = SYSTEM_LIBRARIES_REMEDY if named else INSTALL_AGAIN
        return why_unsupported_here() or f"{what}\n{remedy}", InstallationError.exit_code
    return (
        f"Something unforeseen went wrong: {type(error).__name__}: {said}\n"
        "Run the same command with --debug for the details, and please report them."
    ), 1
