"""``--annotate``: frames with their faces drawn, as a film, as one picture, or one for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from edge.sinks import Sink
from edge.sinks.annotated_film import SUFFIXES as FILM_SUFFIXES
from edge.sinks.annotated_film import AnnotatedFilm, film_fps
from edge.sinks.drawing import Look, draw_faces
from edge.stream import Event, FrameResult
from landmarks.errors import OutputExistsError, UsageError
from landmarks.files import refuse_overwrite
from landmarks.pictures import SUFFIXES as PICTURE_SUFFIXES
from landmarks.pictures import write_picture
from landmarks.types import Image


@contextmanager
def open_annotator(
    path: Path, fps: float | None, look: Look, *, continuous: bool, force: bool
) -> Iterator[Sink]:
    """Open a picture, a film or a folder for annotated frames; in place when the block ends.

    Args:
        path: ``.mp4`` and the like for a film, ``.jpg`` and the like for one picture (the last
            frame); a folder, or a name without a suffix, for one picture each.
        fps: of the source, if it says one.
        look: how faces are drawn.
        continuous: whether the source has a film's frames.
        force: replace existing files.

    Raises:
        UsageError: none of these by its suffix, or a folder for a film.
        OutputExistsError: it is there already.
    """
    suffix = path.suffix.lower()
    if path.is_dir() or not suffix:
        if continuous:
            raise UsageError(
                f"--annotate {path}: a folder is for pictures; of a film or a camera, write a film "
                f"({' '.join(FILM_SUFFIXES)})"
            )
        yield AnnotatedFolder(path, look, force=force)
    elif suffix in PICTURE_SUFFIXES:
        refuse_overwrite(path, force=force)
        picture = AnnotatedPicture(look)
        yield picture
        if picture.canvas is not None:
            write_picture(path, picture.canvas, force=force)
    elif suffix in FILM_SUFFIXES:
        refuse_overwrite(path, force=force)
        rate = film_fps(fps, continuous=continuous)
        with ExitStack() as stack:
            yield AnnotatedFilm(path, rate, look, stack, force=force)
    else:
        raise UsageError(
            f"--annotate {path}: expected a picture ({' '.join(PICTURE_SUFFIXES)}), a film "
            f"({' '.join(FILM_SUFFIXES)}) or a folder"
        )


class AnnotatedPicture:
    """Keeps the last frame, drawn.

    Attributes:
        canvas: RGB uint8; None before the first frame.
    """

    def __init__(self, look: Look) -> None:
        """Start without a frame."""
        self._look = look
        self.canvas: Image | None = None

    def write(self, result: FrameResult) -> None:
        """Draw a frame; one that could not be read is passed over."""
        if result.frame.image is not None:
            self.canvas = draw_faces(result.frame.image, result.faces, self._look)

    def event(self, event: Event) -> None:
        """Show no events."""


class AnnotatedFolder:
    """Writes one picture for each that was read, under the same name."""

    def __init__(self, folder: Path, look: Look, *, force: bool) -> None:
        """Make the folder.

        Raises:
            OutputExistsError: it holds something, and ``force`` is not set.
        """
        self._folder, self._look, self._force = folder, look, force
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not force:
            raise OutputExistsError(f"--annotate {folder}: is not empty, --force writes into it")

    def write(self, result: FrameResult) -> None:
        """Draw a picture; one that could not be read is passed over."""
        if result.frame.image is None:
            return
        path = self._folder / result.frame.name
        if path.suffix.lower() not in PICTURE_SUFFIXES:  # a kind that is read and not written
            path = path.with_name(f"{path.name}.png")
        canvas = draw_faces(result.frame.image, result.faces, self._look)
        write_picture(path, canvas, force=self._force)

    def event(self, event: Event) -> None:
        """Show no events."""
