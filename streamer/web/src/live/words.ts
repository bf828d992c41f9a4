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
  asksToWait: "The server asks this device to wait",
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

  auto: "Auto, as heavy as keeps up", lite: "Lite, fast", full: "Full", heavy: "Heavy, accurate",
  preview: "Camera", settings: "Settings and filter", mirror: "Mirror", defaults: "Defaults",
  "filter-one-euro": "One Euro", "filter-kalman": "Kalman", "filter-moving-average": "Moving average", "filter-none": "None",
  engineSmooths: "MediaPipe smooths one person itself. Set a parameter, and this filter works on top of that.",
  readOnly: "This address is for watching: settings need the other token.",
  keepSettings: "For the next start:", trace: "Raw and smoothed", landmark: "Landmark", axis: "Axis",
  jitter: "Trembling {raw} mm raw, {smooth} mm smoothed, from frame to frame",

  figures: "Figures", rate: "Rate", fps: "fps", latency: "Latency, capture to here", median: "ms median", p95: "ms p95",
  dropped: "Dropped", engine: "Engine", smoothing: "Smoothing",
  receive: "Receive this stream",
  choose: "Choose what…", address: "Address", reachLocal: "Only this machine can connect now.",
  reachLan: "msgpack, or JSON with the subprotocol posewire.v1.json.",
  receiveLead: "Choose what a program of yours receives of {stream}. It is measured while this is open.",
  fields: "Fields", field_image: "picture coordinates", field_world: "metres, from the hips", field_bones: "bone rotations",
  field_rest: "bone lengths", field_angles: "joint angles, degrees", field_image_raw: "image before smoothing", field_world_raw: "world before smoothing",
  landmarks: "Landmarks", preset_all: "All 33", preset_face: "Face, 11", preset_no_face: "Without face, 22",
  preset_upper_body: "Upper body, 25", preset_lower_body: "Lower body, 10", preset_coco17: "COCO, 17",
  maxFps: "At most", everyFrame: "Every frame", perSecond: "{fps} a second",
  dtype: "Numbers", dtype_f32: "f32, 4 bytes", dtype_f16: "f16, 2 bytes",
  measured: "Measured", traffic: "Traffic", frameSize: "A frame", bytes: "bytes", kbps: "kB/s", chooseField: "Choose at least one field.",
  program: "Program", terminal: "Terminal",
  terminalHint: "Shows rate, latency and drops of the stream.", pythonHint: "Needs pip install websockets msgpack numpy.",
  webHint: "Needs clients/web/dist/posewire.js beside the page.",

  devices: "Other devices", invitation: "Open on another device", scan: "Scan the code with a device on the same network, or type the address.",
  inviteMay: "What they may do", mayControl: "Full control", mayWatch: "Watch only",
  mayControlHint: "They may also change settings, send pictures and be a camera.", mayWatchHint: "They see all streams and change nothing.",
  qrLabel: "QR code of the address {url}", inviteFault: "The server can't be asked: {reason}",
  alone: "Only this machine can connect now. Start the server so that others can; it then makes a token and a code to scan:",
  trust: "Trust the certificate",
  trustLead: "This server made its own certificate. A device warns of it until you install the server's authority there, once.",
  trustDownload: "Download the authority", system_ios: "iPhone, iPad", system_android: "Android", system_windows: "Windows",
  system_macos: "macOS", system_linux: "Linux, Firefox",
  steps_ios: "Open the download in Safari and allow the profile.\nSettings, General, VPN & Device Management: install it.\n"
    + "Settings, General, About, Certificate Trust Settings: turn it on.",
  steps_android: "Download it.\nSettings, Security, Encryption & credentials, Install a certificate, CA certificate: choose the file.",
  steps_windows: "Open the file and choose Install Certificate, Current User.\nPlace it in Trusted Root Certification Authorities.\n"
    + "Open the browser anew.",
  steps_macos: "Open the file; Keychain Access adds it to the login keychain.\nOpen it there and set Trust to Always Trust.",
  steps_linux: "In the browser's settings look for Certificates, Authorities, Import.\nChoose the file and trust it for websites. "
    + "Firefox does so on every system.",
  cameras: "Use a phone as a camera", camerasLead: "Open the address on the phone: what its camera sees becomes the stream {streams}.",
  camerasHere: "Use this device's camera",
  camerasNeedTls: "Browsers give cameras only to https pages. Start the server with --tls auto.",
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
  asksToWait: "服务器要求本设备稍后再试",
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

  auto: "自动（能跟上的最重模型）", lite: "轻量（快）", full: "标准", heavy: "重型（准）",
  preview: "摄像头", settings: "设置与滤波", mirror: "镜像", defaults: "默认值",
  "filter-one-euro": "One Euro", "filter-kalman": "卡尔曼", "filter-moving-average": "滑动平均", "filter-none": "无",
  engineSmooths: "单人时 MediaPipe 自身已做平滑。设定参数后，此滤波器会叠加其上。",
  readOnly: "此地址仅供观看：更改设置需要另一个令牌。",
  keepSettings: "下次启动时使用：", trace: "原始与平滑", landmark: "关键点", axis: "坐标轴",
  jitter: "逐帧抖动：原始 {raw} 毫米，平滑后 {smooth} 毫米",

  figures: "数据", rate: "帧率", fps: "帧/秒", latency: "延迟（拍摄至此）", median: "毫秒 中位数", p95: "毫秒 p95",
  dropped: "丢帧", engine: "引擎", smoothing: "平滑",
  receive: "接收此视频流",
  choose: "选择内容…", address: "地址", reachLocal: "目前只有本机可以连接。",
  reachLan: "msgpack；使用子协议 posewire.v1.json 则为 JSON。",
  receiveLead: "选择您的程序从 {stream} 接收的内容。打开此窗口期间会实际测量。",
  fields: "字段", field_image: "画面坐标", field_world: "米，以髋部为原点", field_bones: "骨骼旋转",
  field_rest: "骨骼长度", field_angles: "关节角度，度", field_image_raw: "平滑前的 image", field_world_raw: "平滑前的 world",
  landmarks: "关键点", preset_all: "全部 33 个", preset_face: "面部 11 个", preset_no_face: "不含面部 22 个",
  preset_upper_body: "上半身 25 个", preset_lower_body: "下半身 10 个", preset_coco17: "COCO 17 个",
  maxFps: "帧率上限", everyFrame: "每一帧", perSecond: "每秒 {fps} 帧",
  dtype: "数值", dtype_f32: "f32，4 字节", dtype_f16: "f16，2 字节",
  measured: "实测", traffic: "流量", frameSize: "每帧", bytes: "字节", kbps: "kB/s", chooseField: "请至少选择一个字段。",
  program: "程序", terminal: "终端",
  terminalHint: "显示视频流的帧率、延迟和丢帧。", pythonHint: "需要 pip install websockets msgpack numpy。",
  webHint: "需要把 clients/web/dist/posewire.js 放在网页旁边。",

  devices: "其他设备", invitation: "在其他设备上打开", scan: "用同一网络中的设备扫描二维码，或输入地址。",
  inviteMay: "对方的权限", mayControl: "完全控制", mayWatch: "仅观看",
  mayControlHint: "对方还可以更改设置、发送图片、充当摄像头。", mayWatchHint: "对方可以观看所有视频流，但不能更改任何内容。",
  qrLabel: "地址 {url} 的二维码", inviteFault: "无法询问服务器：{reason}",
  alone: "目前只有本机可以连接。按下面的方式启动服务器即可对外开放，它会生成令牌和可扫描的二维码：",
  trust: "信任证书",
  trustLead: "此服务器使用自己制作的证书。在设备上安装一次服务器的证书颁发机构后，就不再出现警告。",
  trustDownload: "下载证书颁发机构", system_ios: "iPhone、iPad", system_android: "安卓", system_windows: "Windows",
  system_macos: "macOS", system_linux: "Linux、Firefox",
  steps_ios: "在 Safari 中打开下载链接并允许描述文件。\n设置 > 通用 > VPN 与设备管理：安装。\n"
    + "设置 > 通用 > 关于本机 > 证书信任设置：打开开关。",
  steps_android: "下载文件。\n设置 > 安全 > 加密与凭据 > 安装证书 > CA 证书：选择该文件。",
  steps_windows: "打开文件，选择“安装证书”、“当前用户”。\n放入“受信任的根证书颁发机构”。\n"
    + "重新打开浏览器。",
  steps_macos: "打开文件，“钥匙串访问”会把它加入登录钥匙串。\n在其中打开它，把“信任”设为“始终信任”。",
  steps_linux: "在浏览器设置中找到“证书”、“颁发机构”、“导入”。\n选择文件并信任它用于网站。"
    + "Firefox 在所有系统上都是如此。",
  cameras: "把手机用作摄像头", camerasLead: "在手机上打开此地址，其摄像头画面就成为视频流 {streams}。",
  camerasHere: "使用本设备的摄像头",
  camerasNeedTls: "浏览器只允许 https 页面使用摄像头。请用 --tls auto 启动服务器。",
};

export const WORDS = { en, "zh-CN": zh };
export const language = new Language<Key>(WORDS);

export function say(key: Key, values?: Record<string, string | number>): string {
  return language.say(key, values);
}
