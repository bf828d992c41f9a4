// The words of the API page around the description, which is in English as programs and their writers know it.

import { COMMON } from "../shared/words";

export const WORDS = {
  en: {
    ...COMMON.en, title: "Posewire API", loading: "Loading the description…",
    failed: "The description can't be loaded. Check that the server runs, and the token in the address.",
  },
  "zh-CN": {
    ...COMMON.zh, title: "Posewire 接口", loading: "正在加载接口说明…",
    failed: "无法加载接口说明。请确认服务器正在运行，并检查地址中的令牌。",
  },
};
