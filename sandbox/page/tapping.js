// From the press of a button under a message to the bot's answer: toast, alert, or a link that is followed.
import * as api from "./api.js";
import { pickGroup, showAlert, showOutside, toast } from "./dialogs.js";
import { nameOf } from "./dom.js";
import { readLink } from "./links.js";
import { t } from "./words.js";

const isPrivate = (chat) => chat.type === "private";

export class Tapping {
  /** `desk` = {data(), as(), act(deed), openChat(chat, focus)}: what app.js knows and does. */
  constructor(desk) {
    this.desk = desk;
  }

  async pressed(chat, message, button, row, col, node) {
    if (button.callback_data === undefined) return this.pressedOther(button);
    if (node?.getAttribute("aria-busy")) return undefined;
    node?.setAttribute("aria-busy", "true");
    try {
      const { answer } = await api.tap(this.desk.as(), chat.id, message.message_id, row, col);
      this.showAnswer(answer);
    } catch (error) {
      toast(t("failed", { reason: error.message }), "failure");
    } finally {
      node?.removeAttribute("aria-busy");
    }
    return undefined;
  }

  pressedOther(button) {
    const url = button.url ?? button.login_url?.url ?? button.web_app?.url;
    if (url) return this.followLink(url);
    if (button.copy_text) return navigator.clipboard.writeText(button.copy_text.text).then(() => toast(button.copy_text.text));
    return toast(t("unsupported"));
  }

  showAnswer(answer) {
    if (!answer) toast(t("unanswered"), "failure");
    else if (answer.url) this.followLink(answer.url);
    else if (answer.text && answer.show_alert) showAlert(nameOf(this.desk.data().bots[0]), answer.text);
    else if (answer.text) toast(answer.text);
  }

  async followLink(url) {
    const { data, as, act, openChat } = this.desk;
    const link = readLink(url, data().bots[0]?.username ?? "");
    if (link.kind === "outside") return showOutside(url);
    if (link.kind === "profile") return undefined;
    if (link.kind === "startgroup") return this.inviteBot(link.payload);
    if (link.payload !== null && !(await act(() => api.start(as(), link.payload)))) return undefined;
    return openChat(data().chats.find(isPrivate), true);
  }

  inviteBot(payload) {
    const { data, as, act, openChat } = this.desk;
    const manages = (chat) => !isPrivate(chat)
      && chat.members.some((m) => m.user_id === as() && ["creator", "administrator"].includes(m.status));
    pickGroup(data().chats.filter(manages), async (chat) => {
      if (await act(() => api.addMember(as(), chat.id, data().bots[0].id, payload))) await openChat(chat);
    });
  }
}
