// What Kalidokit makes of landmarks: a frame a line on stdin as {"world": 33 points, "image": 33 points}, MediaPipe's
// axes; a line on stdout each: the Euler angles of BONES in radians.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// The package's ES modules name each other without endings, as bundlers allow; Node loads only its UMD build.
const Kalidokit = createRequire(import.meta.url)("kalidokit/dist/kalidokit.umd.js");

const BONES = [
    "Hips", "Spine", "LeftUpperArm", "LeftLowerArm", "LeftHand", "RightUpperArm", "RightLowerArm", "RightHand",
    "LeftUpperLeg", "LeftLowerLeg", "RightUpperLeg", "RightLowerLeg",
];
const SIZE = { width: 640, height: 480 };

const point = ([x, y, z]) => ({ x, y, z, visibility: 1 });

for await (const line of createInterface({ input: process.stdin })) {
    const { world, image } = JSON.parse(line);
    const options = { runtime: "mediapipe", imageSize: SIZE, enableLegs: true };
    const pose = Kalidokit.Pose.solve(world.map(point), image.map(point), options);
    const angles = BONES.map((bone) => pose[bone].rotation ?? pose[bone]).map(({ x, y, z }) => [x, y, z]);
    process.stdout.write(JSON.stringify(angles) + "\n");
}
