"""A film opened with PyAV: its frames in the order they are shown, each with its own time.

The time of a frame is its presentation time stamp, counted from the start of the film as players count it, and never a
number of frames over a rate: frames are dropped, and rates vary.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from artvision.errors import DecodeError, UsageError, one_line
from artvision.film import require_extra
from artvision.image import size_of

# Other demuxers are playlists and scripts, which name files and addresses that nobody asked for.
FORMATS = "asf,avi,flv,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mpeg,mpegts,mpegvideo,mxf,ogg,h264,hevc,ivf"
LIMITS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
# Seconds before a frame from which on all are decoded: its neighbours may be asked for.
LEAD = Fraction(1, 2)
DAMAGED = 1000  # packets in a row that do not decode, and the rest is given up


class Shown(NamedTuple):
    """One frame of PyAV and its time, in seconds from the start of the film."""

    frame: Any
    time: Fraction


@dataclass
class Film:
    """A film that is open. So far, `damaged` packets and frames were not right, and `astray` frames out of order."""

    path: str
    container: Any
    stream: Any
    damaged: int = 0
    astray: int = 0

    @property
    def start(self) -> Fraction:
        """The earliest time stamp of any picture or sound: where players begin to count."""
        streams = [*self.container.streams.video, *self.container.streams.audio]
        stated = [stream.start_time * stream.time_base for stream in streams if stream.start_time is not None]
        return min(map(_fraction, stated), default=Fraction(0))

    @property
    def length(self) -> float:
        """Seconds until its pictures end, as the file promises; 0 where it promises nothing."""
        own, began = self.stream.duration, self.stream.start_time or 0
        if own:
            return float((began + own) * _fraction(self.stream.time_base) - self.start)
        whole = Fraction(self.container.duration or 0, 1_000_000)
        # Matroska tells where the last frame lies, and not how long it is from the first (RFC 9559, 5.1.2.10).
        return float(max(whole - self.start, Fraction(0)) if "matroska" in self.container.format.name else whole)

    @property
    def rate(self) -> float:
        """Mean frames a second as stated; for display and for libraries that ask, never for times."""
        return float(self.stream.average_rate or self.stream.guessed_rate or 25)

    def frames(self, wanted: Fraction = Fraction(0)) -> Iterator[Shown]:
        """The frames that can be decoded, in the order they are shown; none is shown before the film begins.

        One whose time is not later than that of the frame before is left out, for no address would lead to it: where
        recordings were joined by joining their bytes, time begins anew.

        Those before `wanted` may be left out, as far as no other frame is made from them. Raises DecodeError `corrupt`
        where too much in a row is damaged to go on.
        """
        start, last = self.start, Fraction(-1)
        for frame in self._decoded(start + wanted - LEAD):
            if frame.pts is None:
                continue
            time = _fraction(frame.pts * frame.time_base) - start
            if time >= 0 and time > last:
                last = time
                self.damaged += bool(frame.is_corrupt)
                yield Shown(frame, time)
            else:
                self.astray += 1

    def seek(self, time: Fraction) -> None:
        """Go on from a key frame that should lie before `time`; not every container knows where they are."""
        offset = (max(Fraction(0), time) + self.start) / _fraction(self.stream.time_base)
        self.container.seek(int(offset), stream=self.stream, backward=True)

    def _decoded(self, needed: Fraction) -> Iterator[Any]:
        """Frames as they come; of packets with stamps before `needed` only those that others are made from."""
        from av.error import FFmpegError

        row = 0
        for packet in self._packets():
            early = packet.pts is not None and _fraction(packet.pts * packet.time_base) < needed
            self.stream.codec_context.skip_frame = "NONREF" if early else "DEFAULT"
            try:
                frames = packet.decode()
            except FFmpegError as error:
                self.damaged, row = self.damaged + 1, row + 1
                if row >= DAMAGED:
                    raise DecodeError("corrupt", f"{self.path}: too damaged to go on ({one_line(error)})") from error
                continue
            row = 0 if frames else row
            yield from frames

    def _packets(self) -> Iterator[Any]:
        """Packets of the stream; a container that breaks off ends them."""
        from av.error import FFmpegError

        packets = self.container.demux(self.stream)
        while True:
            try:
                yield next(packets)
            except (StopIteration, EOFError):
                return
            except IndexError:  # PyAV does not know a stream that begins after the film did, as in broadcasts
                packets = self.container.demux(self.stream)
            except FFmpegError:
                self.damaged += 1
                return


@contextmanager
def opened(path: str, *, max_pixels: int, threads: int = 1) -> Iterator[Film]:
    """The film at `path`. DecodeError `missing`, `unreadable`, `format`, `no_video`, `too_many_pixels`, `unsupported`.

    The size is checked on the header before anything is decoded, and by the decoder at every frame.
    """
    container = _container(path)
    try:
        stream = _stream(path, container)
        width, height = stream.codec_context.width, stream.codec_context.height
        if width * height > max_pixels:
            raise DecodeError(
                "too_many_pixels",
                f"{path}: {width} × {height} is {width * height / 1e6:.1f} megapixels, the cap is "
                f"{max_pixels / 1e6:.1f}; raise --max-megapixels if it is meant",
            )
        stream.codec_context.options = {"max_pixels": str(max_pixels)}
        stream.codec_context.thread_count = threads
        stream.codec_context.thread_type = "AUTO"
        yield Film(path, container, stream)
    finally:
        container.close()


def _container(path: str) -> Any:
    try:
        require_extra()
    except UsageError as error:
        raise DecodeError("unsupported", f"{path}: {error}") from None
    import av

    # PyAV drops what ffmpeg logs. Asked for any, its callback takes Python's lock in a decoder's thread, for which
    # closing the decoder waits with the lock held.
    av.logging.set_level(None)
    if not size_of(path):
        raise DecodeError("empty", f"{path}: the file has no bytes; copy or download it again")
    try:
        return av.open(path, options=dict(LIMITS))
    except PermissionError as error:
        raise DecodeError("unreadable", f"{path}: {one_line(error)}; check the permissions and the disk") from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise DecodeError("format", f"{path}: no film that can be read ({one_line(error)}); copy it again") from error


def _stream(path: str, container: Any) -> Any:
    """The first stream of pictures that is not a cover."""
    streams = [stream for stream in container.streams.video if not _is_cover(stream)]
    if not streams:
        raise DecodeError("no_video", f"{path}: there are no moving pictures in it; is it a sound recording?")
    if streams[0].codec_context is None:
        raise DecodeError(
            "unsupported", f"{path}: its pictures are in a form that cannot be decoded; export it as H.264"
        )
    return streams[0]


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition & type(stream.disposition).attached_pic)


def _fraction(value: Any) -> Fraction:
    return Fraction(value.numerator, value.denominator)
