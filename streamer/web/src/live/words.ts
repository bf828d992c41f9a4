// The words of the live page. What the server says of its reasons stays as it says it.

import { Language } from "../shared/language";
import { ANGLES_ZH, LANDMARKS_ZH } from "../shared/names";
import { COMMON } from "../shared/words";

const en = {
  ...COMMON.en, title: "Posewire",
  stream: "Stream", picture: "Picture", space: "Space", avatar: "Avatar",
  pictureLabel: "Skeleton as the camera sees it",
  spaceLabel: "Skeleton in space. Drag or use the arrow keys to turn, the wheel or plus and minus to zoom.",
  avatarLabel: "Avatar that moves like the person. It turns together with the skeleton in space.",
  front: "Front", orbit: "Orbit", theirLeft: "their left", theirRight: "their right",
  sideLeft: "left", sideRight: "right", now: "now", ago: "{seconds} s ago",
  takeOff: "Remove", wear: "Your .vrm…", wearHint: "Drop a .vrm file to wear it. It stays in this page.",
  reading: "Reading {name}…", worn: "{name}, in this page only.", noAvatar: "No avatar here: {reason}.",
  noWebgl: "this browser has no WebGL 2", noVrmFile: "{name} is no VRM file.", notVrm: "{name} is no .vrm file.",
  vrmTooLarge: "{name} has {size} MB, more than {limit} MB.", vrmUnreadable: "{name} can't be read: {reason}.",
  noHumanoid: "{name} is glTF, but no VRM: it has no humanoid.", noHips: "The humanoid of this VRM has no hips.",
  otherFile: "it refers to another file",

  connecting: "Connecting", liveNow: "Live", reconnecting: "Reconnecting", reconnectingIn: "Reconnecting in {seconds} s",
  spoken: "{text}. {title}", again: "Reconnect now",
  unreachable: "The server is out of reach", unavailable: "The server takes no more at the moment", closed: "The server ended the connection",
  unanswered: "The server doesn't answer", silent: "Nothing comes from the server any more", unreadable: "The server sent what can't be read",
  refused: "Refused", wrongToken: "Refused: wrong token", noToken: "Refused: no token",
  refusesPage: "The server refuses this page", refusesToken: "The server does not take this token", asksToken: "This server asks for a token",
  tokenDetail: "It is in the address that “posewire serve” printed when it started: …/?token=…",
  refusesSubscription: "The server refuses this subscription",
  noStreams: "No streams", noStreamsTitle: "This server has no streams",
  streamLost: "Stream lost", streamLostWhy: "Stream lost: {reason}", keepsTrying: "The server keeps trying.",
  ended: "Ended", endedTitle: "The stream has ended",
  noFrames: "No frames", lastFrame: "The last one came {seconds} s ago.", noFrameYet: "None has come yet.",
  nobody: "Nobody in the picture",

  lite: "Lite, fast", full: "Full", heavy: "Heavy, accurate",
  preview: "Camera", settings: "Settings and filter", mirror: "Mirror", defaults: "Defaults",
  "filter-one-euro": "One Euro", "filter-kalman": "Kalman", "filter-moving-average": "Moving average", "filter-none": "None",
  engineSmooths: "MediaPipe smooths one person itself. Set a parameter, and this filter works on top of that.",
  keepSettings: "For the next start:", trace: "Raw and smoothed", landmark: "Landmark", axis: "Axis",
  jitter: "Trembling {raw} mm raw, {smooth} mm smoothed, from frame to frame",

  figures: "Figures", rate: "Rate", fps: "fps", latency: "Latency, capture to here", median: "ms median", p95: "ms p95",
  dropped: "Dropped", engine: "Engine", smoothing: "Smoothing",
  receive: "Receive this stream", copy: "Copy", copied: "Copied",
  reachLocal: "This machine only; --host 0.0.0.0 opens it to the LAN.", reachLan: "msgpack, or JSON with the subprotocol posewire.v1.json.",
};

export type Key = keyof typeof en;

const zh: Record<Key, string> = {
  ...COMMON.zh, ...LANDMARKS_ZH, ...ANGLES_ZH, title: "Posewire",
  stream: "视频流", picture: "画面", space: "空间", avatar: "虚拟形象",
  pictureLabel: "摄像头所见的骨架",
  spaceLabel: "空间中的骨架。拖动或按方向键旋转，滚轮或加减键缩放。",
  avatarLabel: "跟随人物动作的虚拟形象，与空间中的骨架一起旋转。",
  front: "正面", orbit: "环绕", theirLeft: "人物左侧", theirRight: "人物右侧",
  sideLeft: "左", sideRight: "右", now: "现在", ago: "{seconds} 秒前",
  takeOff: "移除", wear: "选择 .vrm…", wearHint: "把 .vrm 文件拖到这里即可换上。文件只留在本页面。",
  reading: "正在读取 {name}…", worn: "{name}，仅在本页面。", noAvatar: "无法显示虚拟形象：{reason}。",
  noWebgl: "此浏览器没有 WebGL 2", noVrmFile: "{name} 不是 VRM 文件。", notVrm: "{name} 不是 .vrm 文件。",
  vrmTooLarge: "{name} 有 {size} MB，超过上限 {limit} MB。", vrmUnreadable: "无法读取 {name}：{reason}。",
  noHumanoid: "{name} 是 glTF，但不是 VRM：没有人形骨架。", noHips: "此 VRM 的人形骨架没有髋骨。",
  otherFile: "它引用了另一个文件",

  connecting: "正在连接", liveNow: "实时", reconnecting: "正在重新连接", reconnectingIn: "{seconds} 秒后重新连接",
  spoken: "{text}。{title}", again: "立即重新连接",
  unreachable: "无法连接服务器", unavailable: "服务器暂时无法接受连接", closed: "服务器结束了连接",
  unanswered: "服务器没有应答", silent: "服务器不再发送数据", unreadable: "服务器发来的数据无法读取",
  refused: "被拒绝", wrongToken: "被拒绝：令牌错误", noToken: "被拒绝：缺少令牌",
  refusesPage: "服务器拒绝此页面", refusesToken: "服务器不接受此令牌", asksToken: "此服务器需要令牌",
  tokenDetail: "令牌在 posewire serve 启动时显示的地址里：…/?token=…",
  refusesSubscription: "服务器拒绝此订阅",
  noStreams: "没有视频流", noStreamsTitle: "此服务器没有视频流",
  streamLost: "视频流中断", streamLostWhy: "视频流中断：{reason}", keepsTrying: "服务器正在不断重试。",
  ended: "已结束", endedTitle: "视频流已结束",
  noFrames: "没有数据", lastFrame: "最近一帧在 {seconds} 秒前。", noFrameYet: "尚未收到任何一帧。",
  nobody: "画面中没有人",

  lite: "轻量（快）", full: "标准", heavy: "重型（准）",
  preview: "摄像头", settings: "设置与滤波", mirror: "镜像", defaults: "默认值",
  "filter-one-euro": "One Euro", "filter-kalman": "卡尔曼", "filter-moving-average": "滑动平均", "filter-none": "无",
  engineSmooths: "单人时 MediaPipe 自身已做平滑。设定参数后，此滤波器会叠加其上。",
  keepSettings: "下次启动时使用：", trace: "原始与平滑", landmark: "关键点", axis: "坐标轴",
  jitter: "逐帧抖动：原始 {raw} 毫米，平滑后 {smooth} 毫米",

  figures: "数据", rate: "帧率", fps: "帧/秒", latency: "延迟（拍摄至此）", median: "毫秒 中位数", p95: "毫秒 p95",
  dropped: "丢帧", engine: "引擎", smoothing: "平滑",
  receive: "接收此视频流", copy: "复制", copied: "已复制",
  reachLocal: "仅限本机；使用 --host 0.0.0.0 可向局域网开放。", reachLan: "msgpack；使用子协议 posewire.v1.json 则为 JSON。",
};

export const WORDS = { en, "zh-CN": zh };
export const language = new Language<Key>(WORDS);

export function say(key: Key, values?: Record<string, string | number>): string {
  return language.say(key, values);
}
