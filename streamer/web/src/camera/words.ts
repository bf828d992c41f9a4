// The words of the camera page.

import { Language } from "../shared/language";
import { COMMON } from "../shared/words";

const en = {
  ...COMMON.en, title: "Posewire camera",
  stage: "What is sent, and the skeleton that comes back", options: "Options", figures: "Figures",
  start: "Start the camera", stop: "Stop", again: "Try again now", retry: "Try again",
  camera: "Camera", front: "Front camera", back: "Back camera", numbered: "Camera {number}", stream: "Stream",
  side: "Picture, longer side", pixels: "{side} px", mirror: "Mirror on this screen",
  rate: "Sent", perSecond: "/s", roundTrip: "Round trip", ms: "ms", data: "Data", kilobytes: "kB/s", size: "Picture", seen: "People",

  idle: "Stopped", idleTitle: "This device as a camera",
  idleDetail: "Its pictures go to this Posewire server, nowhere else, and only while this page is open and in front.",
  waiting: "Waiting for permission", waitingTitle: "May this page use the camera?", waitingDetail: "The browser asks you now.",
  denied: "No permission", deniedTitle: "The camera is not allowed",
  deniedDetail: "Allow it in the browser's settings for this site (the sign beside the address), and in those of the device. Then try again.",
  noCamera: "No camera", noCameraTitle: "No camera found", noCameraDetail: "Connect one, or choose another, then try again.",
  busy: "Camera in use", busyTitle: "The camera can't be read", busyDetail: "Another program may be using it. Close that, then try again.",
  failed: "Camera failed", failedTitle: "The camera doesn't start",
  unplugged: "Camera gone", unpluggedTitle: "The camera is gone", unpluggedDetail: "It was unplugged, or the device took it away.",
  still: "No pictures", stillTitle: "The camera gives no pictures", stillDetail: "Its cover may be closed, or another program has it.",
  insecure: "Not a secure page", insecureTitle: "Browsers give cameras to secure pages only",
  insecureDetail: "Start the server with --tls auto and open its https address. How, is said on this page.",
  unsupported: "No camera here", unsupportedTitle: "This browser gives pages no camera",

  connecting: "Connecting", connectingTitle: "Connecting to the server",
  live: "Live", nobody: "Nobody in the picture",
  reconnecting: "Reconnecting", unreachable: "The server is out of reach", closed: "The server ended the connection",
  comesBack: "The page goes on trying.",
  taken: "Taken", takenTitle: "Another camera has this stream", takenDetail: "As soon as it stops, this one takes over.",
  full: "Server full", fullTitle: "The server can't take it now",
  waitTitle: "The server asks this device to wait",
  readOnly: "Watch only", readOnlyTitle: "This address is for watching",
  readOnlyDetail: "To be a camera takes the other token: it is in the address that posewire serve printed: …/?token=…",
  refused: "Refused", refusedTitle: "The server refuses this page", wrongToken: "The server does not take this token",
  asksToken: "This server asks for a token", tokenDetail: "It is in the address that posewire serve printed: …/?token=…",
  noStream: "No stream for a camera", noStreamTitle: "This server waits for no camera", noStreamDetail: "Start it with: posewire serve --source browser",
  hidden: "Paused", hiddenTitle: "Paused while this page is not in front", hiddenDetail: "It goes on by itself when you come back.",
  mayTurnOff: "The screen may turn off by itself here: set it to stay on.",

  trust: "Secure connection",
  trustWhy: "A phone gives its camera to https pages only. On the computer, start:",
  trustThen: "Scan the code that it shows, or open the address that it prints. The first time, this device has to trust the server's certificate:",
  authority: "Get the certificate",
  iosName: "iPhone, iPad", ios: "Get it in Safari and allow the profile. Settings, General, VPN & Device Management: install it. Then General, About, Certificate Trust Settings: turn it on.",
  androidName: "Android", android: "Get it. Settings, Security, Encryption & credentials, Install a certificate, CA certificate: choose the file.",
  desktopName: "Computer", desktop: "Windows: open the file, install it under Trusted Root Certification Authorities. macOS: open it, set Trust to Always. Firefox: Settings, Certificates, Authorities, Import.",
};

type Key = keyof typeof en;

const zh: Record<Key, string> = {
  ...COMMON.zh, title: "Posewire 摄像头",
  stage: "发送的画面和返回的骨架", options: "选项", figures: "数据",
  start: "启动摄像头", stop: "停止", again: "立即重试", retry: "重试",
  camera: "摄像头", front: "前置摄像头", back: "后置摄像头", numbered: "摄像头 {number}", stream: "视频流",
  side: "画面长边", pixels: "{side} 像素", mirror: "在本屏幕上镜像显示",
  rate: "发送", perSecond: "帧/秒", roundTrip: "往返时间", ms: "毫秒", data: "数据量", kilobytes: "kB/s", size: "画面", seen: "人数",

  idle: "已停止", idleTitle: "把本设备用作摄像头",
  idleDetail: "画面只发送到这台 Posewire 服务器，并且只在本页面打开且处于前台时发送。",
  waiting: "等待许可", waitingTitle: "是否允许本页面使用摄像头？", waitingDetail: "浏览器正在询问您。",
  denied: "未获许可", deniedTitle: "未允许使用摄像头",
  deniedDetail: "请在浏览器的网站设置（地址旁的图标）以及设备的设置中允许使用摄像头，然后重试。",
  noCamera: "没有摄像头", noCameraTitle: "未找到摄像头", noCameraDetail: "请连接摄像头或选择另一个，然后重试。",
  busy: "摄像头被占用", busyTitle: "无法读取摄像头", busyDetail: "可能有其他程序正在使用它。请关闭该程序，然后重试。",
  failed: "摄像头故障", failedTitle: "摄像头无法启动",
  unplugged: "摄像头已断开", unpluggedTitle: "摄像头已断开", unpluggedDetail: "它已被拔出，或被设备收回。",
  still: "没有画面", stillTitle: "摄像头没有画面", stillDetail: "镜头盖可能关着，或其他程序正在使用它。",
  insecure: "页面不安全", insecureTitle: "浏览器只允许安全页面使用摄像头",
  insecureDetail: "请用 --tls auto 启动服务器，并打开其 https 地址。具体做法见本页面。",
  unsupported: "无法使用摄像头", unsupportedTitle: "此浏览器不向页面提供摄像头",

  connecting: "正在连接", connectingTitle: "正在连接服务器",
  live: "实时", nobody: "画面中没有人",
  reconnecting: "正在重新连接", unreachable: "无法连接服务器", closed: "服务器结束了连接",
  comesBack: "本页面会继续尝试。",
  taken: "已被占用", takenTitle: "另一个摄像头正在使用此视频流", takenDetail: "它一停止，本摄像头就会接替。",
  full: "服务器已满", fullTitle: "服务器暂时无法接受连接",
  waitTitle: "服务器要求本设备稍后再试",
  readOnly: "仅供观看", readOnlyTitle: "此地址仅供观看",
  readOnlyDetail: "用作摄像头需要另一个令牌，它在 posewire serve 启动时显示的地址里：…/?token=…",
  refused: "被拒绝", refusedTitle: "服务器拒绝此页面", wrongToken: "服务器不接受此令牌",
  asksToken: "此服务器需要令牌", tokenDetail: "令牌在 posewire serve 启动时显示的地址里：…/?token=…",
  noStream: "没有可用的视频流", noStreamTitle: "此服务器不在等待摄像头", noStreamDetail: "请这样启动：posewire serve --source browser",
  hidden: "已暂停", hiddenTitle: "本页面不在前台，已暂停", hiddenDetail: "回到本页面后会自动继续。",
  mayTurnOff: "屏幕可能会自动关闭：请将其设为常亮。",

  trust: "安全连接",
  trustWhy: "手机只允许 https 页面使用摄像头。请在电脑上运行：",
  trustThen: "扫描它显示的二维码，或打开它给出的地址。首次使用时，本设备需要信任服务器的证书：",
  authority: "下载证书",
  iosName: "iPhone、iPad", ios: "在 Safari 中下载并允许描述文件。设置 › 通用 › VPN 与设备管理：安装。然后通用 › 关于本机 › 证书信任设置：打开开关。",
  androidName: "安卓", android: "下载。设置 › 安全 › 加密与凭据 › 安装证书 › CA 证书：选择该文件。",
  desktopName: "电脑", desktop: "Windows：打开文件，安装到“受信任的根证书颁发机构”。macOS：打开文件，将“信任”设为“始终信任”。Firefox：设置 › 证书 › 证书颁发机构 › 导入。",
};

export const WORDS = { en, "zh-CN": zh };
export const language = new Language<Key>(WORDS);

export function say(key: Key, values?: Record<string, string | number>): string {
  return language.say(key, values);
}
