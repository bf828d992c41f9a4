// The words that pages have in common.

export const COMMON = {
  en: {
    pages: "Pages", live: "Live", photo: "Photo", cameraPage: "Camera", api: "API", language: "中文", languageLabel: "切换到中文", tokenLabel: "Token", connect: "Connect",
    left: "Left", right: "Right", model: "Model", people: "People", angles: "Joint angles", person: "Person {id}",
    copy: "Copy", copied: "Copied", close: "Close",
  },
  zh: {
    pages: "页面", live: "实时", photo: "照片", cameraPage: "摄像头", api: "接口", language: "English", languageLabel: "Switch to English", tokenLabel: "令牌", connect: "连接",
    left: "左", right: "右", model: "模型", people: "人数", angles: "关节角度", person: "人物 {id}",
    copy: "复制", copied: "已复制", close: "关闭",
  },
};
