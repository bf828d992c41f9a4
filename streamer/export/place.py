"""Where an export goes and what it is called."""

from pathlib import Path

from streamer.errors import UsageError
from streamer.export.formats import FORMATS


def place(source: Path, to: str, output: Path | None, stream: str | None = None) -> Path:
    """The path of what is made of the file `source` in the format `to`; `stream` becomes part of the name.

    output: what the user named: the path itself or, of a format that isn't one, a folder that is there; None for beside
    the source, under its name. Raises UsageError for an output that is neither and doesn't end as the format does.
    """
    form = FORMATS[to]
    if output is None:
        output = source.with_name(source.stem + form.suffix)
    elif output.is_dir() and not form.is_folder:
        output = output / (source.stem + form.suffix)
    elif not form.is_folder and output.suffix.lower() != form.suffix:
        raise UsageError(f"--output {output} has to end in {form.suffix}, or be a folder that exists")
    if stream is None:
        return output
    plain = "".join(character if character.isalnum() or character in "-_." else "_" for character in stream)
    stem, ending = form.split(output.name)
    return output.with_name(f"{stem}_{plain}{ending}")
