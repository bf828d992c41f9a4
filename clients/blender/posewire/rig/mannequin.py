"""The mannequin that makes a figure visible: smooth parts, one to a bone, and dark joints between them."""

import math
from collections.abc import Mapping, Sequence

import bpy
from mathutils import Vector

NAME = "Posewire Mannequin"
ROUND = 20
"""Corners of a ring."""
SKIN = ("Posewire Shell", (0.86, 0.87, 0.90, 1.0), 0.32)
JOINT = ("Posewire Joint", (0.035, 0.04, 0.05, 1.0), 0.45)
LEFT_SIDE = ("Posewire Left", (0.02, 0.33, 0.85, 1.0), 0.35)
RIGHT_SIDE = ("Posewire Right", (0.95, 0.30, 0.04, 1.0), 0.35)
MATERIALS = (SKIN, JOINT, LEFT_SIDE, RIGHT_SIDE)

Ring = "tuple[Vector, Vector, Vector]"


class Sculptor:
    """Collects rings into closed parts, and which bone moves each."""

    def __init__(self) -> None:
        self.vertices: list[Vector] = []
        self.faces: list[tuple[int, ...]] = []
        self.materials: list[int] = []
        self.groups: dict[str, list[int]] = {}

    def loft(self, bone: str, material: int, rings: "Sequence[tuple[Vector, Vector, Vector]]") -> None:
        """A closed skin over rings. A ring is its centre and its two half axes."""
        start = len(self.vertices)
        for centre, a, b in rings:
            for corner in range(ROUND):
                angle = 2 * math.pi * corner / ROUND
                self.vertices.append(centre + math.cos(angle) * a + math.sin(angle) * b)
        for ring in range(len(rings) - 1):
            here, there = start + ring * ROUND, start + (ring + 1) * ROUND
            for corner in range(ROUND):
                after = (corner + 1) % ROUND
                self.faces.append((here + corner, here + after, there + after, there + corner))
        self.faces.append(tuple(range(start + ROUND - 1, start - 1, -1)))
        self.faces.append(tuple(range(len(self.vertices) - ROUND, len(self.vertices))))
        self.materials += [material] * ((len(rings) - 1) * ROUND + 2)
        self.groups.setdefault(bone, []).extend(range(start, len(self.vertices)))

    def limb(
        self, bone: str, material: int, start: Vector, end: Vector, profile: "Sequence[tuple[float, float]]"
    ) -> None:
        """A round part along a line. profile: share of the way and radius in metres, in order."""
        along = (end - start).normalized()
        a = along.orthogonal().normalized()
        self.loft(
            bone,
            material,
            [
                (start + (end - start) * at, a * r, along.cross(a) * r)
                for at, r in _capped(profile, (end - start).length)
            ],
        )

    def ball(self, bone: str, material: int, centre: Vector, radius: float) -> None:
        """A sphere."""
        up = Vector((0, 0, radius))
        self.limb(
            bone,
            material,
            centre - up,
            centre + up,
            [(0.5 - 0.5 * math.cos(math.pi * i / 12), radius * math.sin(math.pi * i / 12)) for i in range(1, 12)],
        )

    def upright(self, bone: str, material: int, levels: "Sequence[tuple[float, float, float, float, float]]") -> None:
        """A part of rings that lie flat: height, x, y of the centre, half width and half depth."""
        self.loft(
            bone,
            material,
            [(Vector((x, y, z)), Vector((width, 0, 0)), Vector((0, depth, 0))) for z, x, y, width, depth in levels],
        )


def _capped(profile: "Sequence[tuple[float, float]]", length: float) -> "list[tuple[float, float]]":
    """A profile with rounded ends."""
    (first, r0), (last, r1) = profile[0], profile[-1]
    begin = [(first - r0 * 0.6 * math.cos(a) / length, r0 * math.sin(a)) for a in (0.12, 0.45, 0.8, 1.2)]
    end = [(last + r1 * 0.6 * math.cos(a) / length, r1 * math.sin(a)) for a in (1.2, 0.8, 0.45, 0.12)]
    return [*begin, *profile, *end]


def dress(figure, places: "Mapping[str, Vector]") -> None:
    """Put a mannequin on a figure (an armature object). places: its joints at rest, Blender's axes, metres."""
    sculptor = Sculptor()
    _trunk(sculptor, places)
    for side, material in (("left", 2), ("right", 3)):
        _arm(sculptor, places, side, material)
        _leg(sculptor, places, side, material)
    mesh = bpy.data.meshes.new(NAME)
    mesh.from_pydata(sculptor.vertices, [], sculptor.faces)
    for name, colour, roughness in MATERIALS:
        mesh.materials.append(_material(name, colour, roughness))
    mesh.polygons.foreach_set("material_index", sculptor.materials)
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    mesh.update()
    body = bpy.data.objects.new(NAME, mesh)
    for collection in figure.users_collection:
        collection.objects.link(body)
    body.parent = figure
    body.hide_select = True
    for bone, indices in sculptor.groups.items():
        body.vertex_groups.new(name=bone).add(indices, 1.0, "REPLACE")
    body.modifiers.new("Armature", "ARMATURE").object = figure


def _material(name: str, colour: "tuple[float, ...]", roughness: float):
    material = bpy.data.materials.get(name)
    if material is None:
        material = bpy.data.materials.new(name)
        if not material.use_nodes:
            material.use_nodes = True
        material.diffuse_color = colour
        material.roughness = roughness
        surface = next((node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED"), None)
        if surface is not None:
            surface.inputs["Base Color"].default_value = colour
            surface.inputs["Roughness"].default_value = roughness
    return material


def _trunk(sculptor: Sculptor, places: "Mapping[str, Vector]") -> None:
    hips, spine, chest, neck, head = (places[name] for name in ("hips", "spine", "chest", "neck", "head"))
    hip = abs(places["leftUpperLeg"].x)
    shoulder = abs(places["leftUpperArm"].x)
    x, y = hips.x, hips.y
    waist = spine.z + 0.35 * (chest.z - spine.z)
    sculptor.upright(
        "hips",
        0,
        [
            (hips.z - 0.105, x, y, 0.03, 0.03),
            (hips.z - 0.095, x, y, hip * 0.55, 0.062),
            (hips.z - 0.055, x, y, hip * 1.1, 0.088),
            (hips.z, x, y, hip * 1.38, 0.1),
            (hips.z + 0.5 * (waist - hips.z), x, y, hip * 1.32, 0.096),
            (waist - 0.03, x, y, hip * 1.18, 0.086),
            (waist - 0.012, x, y, hip * 1.08, 0.078),
            (waist - 0.006, x, y, hip * 0.8, 0.055),
        ],
    )
    sculptor.upright(
        "spine",
        1,
        [
            (waist - 0.05, x, y, hip * 0.7, 0.05),
            (waist - 0.03, x, y, hip * 1.0, 0.073),
            (waist + 0.03, x, y, hip * 1.04, 0.077),
            (chest.z + 0.03, x, y, hip * 1.0, 0.073),
            (chest.z + 0.05, x, y, hip * 0.7, 0.05),
        ],
    )
    top = places["leftUpperArm"].z
    low = chest.z - 0.01
    sculptor.upright(
        "chest",
        0,
        [
            (low, x, y, hip * 0.85, 0.06),
            (low + 0.008, x, y, hip * 1.12, 0.082),
            (low + 0.03, x, y, hip * 1.24, 0.092),
            (low + 0.4 * (top - low), x, y - 0.008, shoulder * 0.86, 0.108),
            (low + 0.7 * (top - low), x, y - 0.01, shoulder * 0.95, 0.11),
            (top - 0.03, x, y - 0.003, shoulder * 0.9, 0.098),
            (top + 0.015, x, y + 0.004, shoulder * 0.74, 0.078),
            (top + 0.045, x, y + 0.008, shoulder * 0.5, 0.058),
            (top + 0.058, x, y + 0.01, shoulder * 0.3, 0.04),
        ],
    )
    sculptor.limb(
        "neck", 1, neck - Vector((0, 0, 0.03)), head + Vector((0, 0, 0.03)), [(0.0, 0.052), (0.5, 0.047), (1.0, 0.047)]
    )
    base = head.z - 0.012
    sculptor.upright(
        "head",
        0,
        [
            (base + height * 0.245, x, y - 0.018 + shift, width, depth)
            for height, shift, width, depth in (
                (0.0, -0.035, 0.016, 0.022),
                (0.03, -0.03, 0.034, 0.045),
                (0.1, -0.02, 0.051, 0.07),
                (0.2, -0.008, 0.062, 0.086),
                (0.34, 0.0, 0.072, 0.096),
                (0.5, 0.004, 0.078, 0.101),
                (0.66, 0.008, 0.0785, 0.1),
                (0.8, 0.012, 0.071, 0.09),
                (0.9, 0.015, 0.056, 0.072),
                (0.965, 0.017, 0.036, 0.047),
                (0.995, 0.018, 0.014, 0.018),
            )
        ],
    )
    # A dark visor shows which way the head looks.
    visor = []
    for step in range(9):
        angle = math.radians(-62 + 124 * step / 8)
        thick = 0.019 * (1 - 0.55 * abs(step - 4) / 4)
        out = Vector((math.sin(angle) * 0.079, -math.cos(angle) * 0.103, 0))
        centre = Vector((x, y - 0.012, base + 0.5 * 0.245)) + out * 0.96
        visor.append((centre, out.normalized() * 0.012, Vector((0, 0, thick))))
    sculptor.loft("head", 1, visor)


def _arm(sculptor: Sculptor, places: "Mapping[str, Vector]", side: str, colour: int) -> None:
    shoulder, elbow, wrist = (places[side + part] for part in ("UpperArm", "LowerArm", "Hand"))
    out = (wrist - shoulder).normalized()
    sculptor.ball(side + "Shoulder", 1, shoulder, 0.052)
    sculptor.limb(side + "UpperArm", 0, shoulder, elbow, [(0.12, 0.046), (0.35, 0.05), (0.65, 0.044), (0.86, 0.037)])
    sculptor.ball(side + "LowerArm", 1, elbow, 0.036)
    sculptor.limb(side + "LowerArm", 0, elbow, wrist, [(0.14, 0.038), (0.35, 0.042), (0.7, 0.033)])
    sculptor.limb(side + "LowerArm", colour, elbow, wrist, [(0.77, 0.0325), (0.88, 0.03)])
    sculptor.ball(side + "Hand", 1, wrist, 0.025)
    forward, up = Vector((0, -1, 0)), Vector((0, 0, 1))
    sculptor.loft(
        side + "Hand",
        0,
        [
            (wrist + out * at + forward * ahead, forward * width, up * thick)
            for at, ahead, width, thick in (
                (0.014, 0.0, 0.014, 0.01),
                (0.022, 0.0, 0.026, 0.017),
                (0.05, 0.0, 0.038, 0.02),
                (0.085, 0.0, 0.041, 0.019),
                (0.12, 0.0, 0.038, 0.015),
                (0.15, 0.0, 0.032, 0.0125),
                (0.172, 0.0, 0.022, 0.0095),
                (0.18, 0.0, 0.01, 0.005),
            )
        ],
    )
    thumb = wrist + out * 0.035 + forward * 0.028
    sculptor.limb(
        side + "Hand", 0, thumb, thumb + out * 0.045 + forward * 0.028, [(0.0, 0.0145), (0.5, 0.014), (1.0, 0.011)]
    )


def _leg(sculptor: Sculptor, places: "Mapping[str, Vector]", side: str, colour: int) -> None:
    hip, knee, ankle = (places[side + part] for part in ("UpperLeg", "LowerLeg", "Foot"))
    sculptor.ball(side + "UpperLeg", 1, hip, 0.07)
    sculptor.limb(side + "UpperLeg", 0, hip, knee, [(0.1, 0.077), (0.3, 0.08), (0.6, 0.066), (0.89, 0.051)])
    sculptor.ball(side + "LowerLeg", 1, knee, 0.049)
    sculptor.limb(side + "LowerLeg", 0, knee, ankle, [(0.12, 0.05), (0.3, 0.057), (0.6, 0.046), (0.76, 0.04)])
    sculptor.limb(side + "LowerLeg", colour, knee, ankle, [(0.82, 0.0385), (0.9, 0.037)])
    sculptor.ball(side + "Foot", 1, ankle, 0.036)
    sole, high = 0.0, ankle.z
    sculptor.loft(
        side + "Foot",
        0,
        [
            (
                Vector((ankle.x, ankle.y - ahead, sole + top * high / 2)),
                Vector((width, 0, 0)),
                Vector((0, 0, top * high / 2)),
            )
            for ahead, width, top in (
                (-0.075, 0.014, 0.25),
                (-0.068, 0.03, 0.6),
                (-0.04, 0.038, 0.95),
                (0.0, 0.041, 1.05),
                (0.05, 0.044, 0.86),
                (0.1, 0.047, 0.62),
                (0.14, 0.045, 0.48),
                (0.165, 0.034, 0.38),
                (0.178, 0.014, 0.22),
            )
        ],
    )
