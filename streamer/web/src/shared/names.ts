// What landmarks and angles are called in Chinese. Their names stay what programs call them; these say what they mean.

export const LANDMARKS_ZH = {
  nose: "鼻子", left_eye_inner: "左眼内角", left_eye: "左眼", left_eye_outer: "左眼外角", right_eye_inner: "右眼内角",
  right_eye: "右眼", right_eye_outer: "右眼外角", left_ear: "左耳", right_ear: "右耳", mouth_left: "嘴左角",
  mouth_right: "嘴右角", left_shoulder: "左肩", right_shoulder: "右肩", left_elbow: "左肘", right_elbow: "右肘",
  left_wrist: "左腕", right_wrist: "右腕", left_pinky: "左小指", right_pinky: "右小指", left_index: "左食指",
  right_index: "右食指", left_thumb: "左拇指", right_thumb: "右拇指", left_hip: "左髋", right_hip: "右髋",
  left_knee: "左膝", right_knee: "右膝", left_ankle: "左踝", right_ankle: "右踝", left_heel: "左脚跟",
  right_heel: "右脚跟", left_foot_index: "左脚尖", right_foot_index: "右脚尖",
};

// Of both sides, or of the only one.
export const ANGLES_ZH = {
  elbow_flexion: "肘屈曲", knee_flexion: "膝屈曲", shoulder_flexion: "肩前屈", shoulder_abduction: "肩外展",
  hip_flexion: "髋屈曲", hip_abduction: "髋外展", ankle_dorsiflexion: "踝背屈", trunk_lean_forward: "躯干前倾",
  trunk_lean_left: "躯干左倾", neck_flexion: "颈屈曲", neck_bend_left: "颈左侧屈", neck_rotation_left: "颈左旋",
};
