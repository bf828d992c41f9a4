// The words of the photo page.

import { ANGLES_ZH, LANDMARKS_ZH } from "../shared/names";
import { COMMON } from "../shared/words";

const en = {
  ...COMMON.en, title: "Posewire photo",
  pictures: "Pictures", add: "Add…", choose: "Choose pictures…", remove: "Remove",
  dropTitle: "Drop pictures here", dropDetail: "or paste them, or choose files. JPEG, PNG or WebP. They stay between this page and your server.",
  options: "Options", lite: "Lite, fast", full: "Full", heavy: "Heavy, accurate",
  confidence: "Confidence", confidenceLabel: "Minimum confidence",
  stage: "The picture with the skeletons found in it",
  view: "The picture with the skeletons found in it. Wheel, pinch, double click or plus and minus to magnify, drag or the arrow keys to move, zero for all of it.",
  magnify: "Magnification", larger: "Magnify", smaller: "Reduce", whole: "Show all of it", score: "Score {score}",
  found: "{count} people", foundOne: "1 person", size: "{width} × {height} pixels",
  waiting: "Waiting for its turn", asking: "Looking for people", busyNow: "The server is busy; trying again",
  nobody: "No person found",
  nobodyDetail: "It helps when the whole body is visible and there is more light. Or lower the confidence, or take the heavy model.",
  result: "Result", landmarks: "Landmarks", joint: "Joint",
  id: "Id", name: "Name", visibility: "Visib.", visibilityLabel: "Visibility",
  download: "Download", png: "Annotated PNG", empty: "What is found in a picture is shown here.",
  wrongType: "Not a JPEG, PNG or WebP picture", wrongTypeDetail: "Save the picture in one of these formats and try again.",
  tooLargeHere: "The file is too large", tooLargeHereDetail: "{mb} MB; the server takes {limit} MB at most. Save it smaller.",
  tooLarge: "The picture is too large", tooLargeDetail: "Make it smaller and try again.",
  broken: "The picture can't be read", brokenDetail: "The file may be damaged, cut short or very small.",
  busy: "The server is too busy", busyDetail: "It was asked several times. Try again in a while.",
  unreachable: "The server can't be reached", unreachableDetail: "Check that it runs, and that the file is still where it was.",
  token: "The server asks for another token", tokenDetail: "It is in the address that the server printed when it started.",
  origin: "The server doesn't let this page ask", originDetail: "Open the page at the server's own address.",
  readOnly: "This address is for watching", readOnlyDetail: "Pictures need the other token: it is in the address that posewire serve printed.",
  wait: "The server asks this device to wait", waitDetail: "It says why and for how long. Then try again.",
  refused: "The server refused the picture", refusedDetail: "Its answer has the status {status}.",
  again: "Try again",
  all: "All pictures", zip: "ZIP", zipLabel: "All pictures as a ZIP file: JSON, CSV and annotated PNGs", stop: "Stop",
  drawing: "Picture {done} of {total}…",
  missing: "{count} annotated PNGs are missing in it: the server didn't draw them, or the file would be larger than {limit} GB.",
  tooMany: "{limit} pictures at most; the rest was left out.",
};

const zh = {
  ...COMMON.zh, ...LANDMARKS_ZH, ...ANGLES_ZH, title: "Posewire 照片",
  pictures: "图片", add: "添加…", choose: "选择图片…", remove: "移除",
  dropTitle: "把图片拖到这里", dropDetail: "也可以粘贴或选择文件。支持 JPEG、PNG、WebP。图片只在本页面和您的服务器之间传输。",
  options: "选项", lite: "轻量（快）", full: "标准", heavy: "重型（准）",
  confidence: "置信度", confidenceLabel: "最低置信度",
  stage: "图片及其中检测到的骨架",
  view: "图片及其中检测到的骨架。滚轮、双指、双击或加减键缩放，拖动或方向键移动，按 0 显示全图。",
  magnify: "缩放", larger: "放大", smaller: "缩小", whole: "显示全图", score: "得分 {score}",
  found: "{count} 人", foundOne: "1 人", size: "{width} × {height} 像素",
  waiting: "正在排队", asking: "正在检测人物", busyNow: "服务器繁忙，正在重试",
  nobody: "没有检测到人物",
  nobodyDetail: "请让全身入镜并增加光线，或者降低置信度、改用重型模型。",
  result: "结果", landmarks: "关键点", joint: "关节",
  id: "编号", name: "名称", visibility: "可见度", visibilityLabel: "可见度",
  download: "下载", png: "标注 PNG", empty: "图片的检测结果会显示在这里。",
  wrongType: "不是 JPEG、PNG 或 WebP 图片", wrongTypeDetail: "请把图片存为其中一种格式后重试。",
  tooLargeHere: "文件太大", tooLargeHereDetail: "文件 {mb} MB，服务器最多接受 {limit} MB。请缩小后重试。",
  tooLarge: "图片太大", tooLargeDetail: "请缩小图片后重试。",
  broken: "无法读取图片", brokenDetail: "文件可能已损坏、不完整或尺寸过小。",
  busy: "服务器太忙", busyDetail: "已重试多次，请稍后再试。",
  unreachable: "无法连接服务器", unreachableDetail: "请确认服务器正在运行，且文件仍在原处。",
  token: "服务器需要另一个令牌", tokenDetail: "令牌在服务器启动时显示的地址里。",
  origin: "服务器不允许此页面访问", originDetail: "请用服务器自己的地址打开本页面。",
  readOnly: "此地址仅供观看", readOnlyDetail: "检测图片需要另一个令牌，它在 posewire serve 启动时显示的地址里。",
  wait: "服务器要求本设备稍后再试", waitDetail: "原因和时间见服务器的说明，之后请重试。",
  refused: "服务器拒绝了图片", refusedDetail: "返回的状态码是 {status}。",
  again: "重试",
  all: "全部图片", zip: "ZIP", zipLabel: "全部图片的 ZIP 文件：JSON、CSV 和标注 PNG", stop: "停止",
  drawing: "第 {done} / {total} 张…",
  missing: "其中缺少 {count} 张标注 PNG：服务器未能绘制，或文件将超过 {limit} GB。",
  tooMany: "最多 {limit} 张图片，其余未添加。",
};

export type Key = keyof typeof en;
export type FaultKey =
  | "wrongType" | "tooLargeHere" | "tooLarge" | "broken" | "busy" | "unreachable" | "token" | "readOnly" | "origin" | "wait" | "refused";

export const WORDS = { en, "zh-CN": zh };
