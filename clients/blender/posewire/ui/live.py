"""The connection while it lasts, and the target that it moves.

Nothing here keeps hold of anything of Blender's from one beat to the next: undo, deleting and opening a file take it
away. Names and copies are kept, and looked up anew.
"""

import copy
import traceback
from dataclasses import dataclass

from ..feed import Frame, Receiver, State, Take
from ..rig import points, posing
from ..rig.actor import Actor
from ..rig.bake import places
from ..rig.binding import BindError, Binding, bind
from ..rig.retarget import retarget

AGES = 30
"""Frames that the latency shown is the mean of."""


class NotNow(Exception):
    """The target can't be moved at present; the text says why and what helps."""


@dataclass
class Recording:
    """A take that runs. start: the scene's frame when it began. actor: the person and the stage as they were then."""

    start: int
    actor: Actor


class Live:
    """At most one connection, and what it does. All of it on Blender's main thread."""

    def __init__(self) -> None:
        self.receiver: Receiver | None = None
        self.recording: Recording | None = None
        self.notice = ""
        """Why the target doesn't move, one line."""
        self.result = ""
        """What became of the last take, one line."""
        self.fault = ""
        """An error of this add-on's own, one line."""
        self._address = ""
        self._actor: Actor | None = None
        self._stream = ""
        self._shown: tuple = ()
        self._ages_ms: list[float] = []
        self._binding: Binding | None = None
        self._bound: tuple = ()
        self._points: dict[str, str] = {}
        self._root = ""

    def connect(self, receiver: Receiver, address: str) -> None:
        """Use a receiver that isn't started yet, instead of any other."""
        self.disconnect()
        self.receiver, self._address = receiver, address
        receiver.start()

    def disconnect(self) -> None:
        """End the connection, and forget what was of it."""
        receiver, self.receiver = self.receiver, None
        if receiver is not None:
            receiver.stop()
        self.recording = None
        self.notice = self.fault = ""
        self.forget()

    def forget(self) -> None:
        """Look at everything in Blender anew: another file was opened, or another connection begins."""
        self._actor, self._binding, self._bound, self._points, self._root = None, None, (), {}, ""
        self._shown, self._ages_ms = (), []

    def recentre(self) -> None:
        """The person's place is the stage's origin from now on."""
        if self._actor is not None:
            self._actor.recentre()

    def streams(self) -> "list[str]":
        """Ids of the server's streams."""
        hello = self.receiver.hello if self.receiver else None
        return [stream.id for stream in hello.streams] if hello else []

    def person(self, settings):
        """The followed person's pose as captured, None where there is none."""
        frame = self.receiver.latest(settings.stream or "*") if self.receiver else None
        return None if frame is None or not frame.poses else frame.poses[min(settings.person, len(frame.poses)) - 1]

    @property
    def latency_ms(self) -> "float | None":
        """From capture to the target's move, mean of the last second or so; None where nothing moved."""
        return sum(self._ages_ms) / len(self._ages_ms) if self._ages_ms else None

    def beat(self, context) -> None:
        """Move the target to the frame for this moment. Never raises; an error is shown once."""
        try:
            self._beat(context.scene.posewire, context.scene)
            self.fault = ""
        except NotNow as reason:
            self.notice = str(reason)
        except Exception as error:
            line = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            if line != self.fault:
                self.fault = line
                traceback.print_exc()

    def _beat(self, settings, scene) -> None:
        receiver = self.receiver
        if receiver is None:
            return
        stream = settings.stream or "*"
        frame = receiver.sample(stream) if settings.playout == "SMOOTH" else receiver.latest(stream)
        if frame is None:
            if receiver.state is not State.LIVE:
                self._ages_ms.clear()
            return
        now = (frame.stream, frame.t_us, settings.target, _name(settings.armature), _name(settings.points))
        if now == self._shown:
            return
        if self._actor is None or self._stream != frame.stream:
            self._actor, self._stream = Actor(settings.acting()), frame.stream
        self._actor.acting = settings.acting()
        pose = self._actor.follow(frame)
        if pose is not None:
            if settings.target == "POINTS":
                self._move_points(settings, scene, pose)
            else:
                self._move_armature(settings, scene, pose)
            self._ages_ms = [*self._ages_ms[1 - AGES :], receiver.age_us(frame) / 1e3]
        self.notice = "" if pose is not None else f"Nobody to follow: {_people(frame)}"
        self._shown = now

    def _move_armature(self, settings, scene, pose) -> None:
        target, binding = self.armature(settings, scene)
        tree = self.receiver.hello.bones if self.receiver and self.receiver.hello else None
        wanted = None if tree is None else self._actor.target(pose, tree, binding.hips_m)
        if wanted is None:
            raise NotNow("The server solves no bones: choose points as the target")
        bones = target.pose.bones
        locals_ = retarget(binding, wanted, settings.strengths(), lambda bone: posing.rotation_of(bones[bone]))
        posing.apply(target.pose, locals_)

    def _move_points(self, settings, scene, pose) -> None:
        names = self.points(settings, scene)
        landmarks = self.receiver.landmarks
        if pose.world is None or len(pose.world) != len(landmarks):
            raise NotNow("The server sent no landmarks")
        tree = self.receiver.hello.bones if self.receiver.hello else None
        shown = self._actor.shown(pose, () if tree is None else tree.names, landmarks)
        if not points.apply(names, landmarks, places(self._actor, pose, tree, landmarks), shown.world[:, 3]):
            self._root = ""
            raise NotNow("The points were deleted: make new ones")

    def armature(self, settings, scene) -> tuple:
        """The armature object that is moved, and its binding. Raises NotNow."""
        target = _there(settings.armature, scene, "armature")
        if target.data.is_editmode:
            self._bound = ()
            raise NotNow(f"{target.name!r} is in edit mode: it moves again when you leave it")
        mapping = target.posewire.mapping()
        key = (target.name, target.data.name, tuple(mapping.items()))
        if key != self._bound or self._binding is None or not self._binding.holds(target.data):
            self._bound = ()
            try:
                self._binding = bind(target.data, mapping)
            except BindError as error:
                raise NotNow(f"{target.name!r} can't be moved: {error}. Look at its bone map") from None
            self._bound = key
        return target, self._binding

    def points(self, settings, scene) -> "dict[str, str]":
        """Landmark -> name of its empty. Raises NotNow."""
        root = _there(settings.points, scene, "points")
        if root.name != self._root:
            self._points, self._root = points.find(root), root.name
        if not self._points:
            self._root = ""
            raise NotNow(f"{root.name!r} has no landmarks under it: make new points")
        return self._points

    def start_take(self, settings, start: int) -> None:
        """Begin a take at a frame of the scene. It goes on from where the person is shown to stand."""
        self.receiver.start_take(settings.stream or "*")
        shown = self._actor is not None and settings.stream in ("", self._stream)
        actor = copy.deepcopy(self._actor) if shown else Actor(settings.acting())
        self.recording, self.result = Recording(start, actor), ""

    def stop_take(self) -> Take:
        """End the take that runs and hand it over."""
        self.recording = None
        return self.receiver.stop_take()


LIVE = Live()


def _there(target, scene, what: str):
    if target is None:
        raise NotNow(f"Choose or make {'an armature' if what == 'armature' else 'points'}")
    if scene not in target.users_scene:
        raise NotNow(f"{target.name!r} is not in this scene any more: choose or make another")
    if target.library is not None:
        raise NotNow(f"{target.name!r} is linked from another file: make a library override of it")
    return target


def _name(thing) -> str:
    return "" if thing is None else thing.name


def _people(frame: Frame) -> str:
    count = len(frame.poses)
    return "nobody is in the picture" if not count else f"{count} in the picture"
