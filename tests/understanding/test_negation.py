"""Tests that a negated act is never read as a request."""

import pytest

from assistant.evaluation.understanding import Read
from assistant.understanding.model import ClauseReader
from assistant.understanding.negation import declines
from assistant.understanding.tokens import words_of

ENGLISH = [
    "I would like to keep A1002, don't cancel it",
    "do not cancel A1007 whatever I said earlier",
    "dont send the parcel to my old flat",
    "please don't refund the blue one",
    "no need to order more filters",
    "you needn't ring the shop for me",
    "leave the porch light as it is",
    "keep the lamp, I changed my mind about it",
    "never play that song again",
    "I don't want you to return the boots",
    "I'd rather you didn't change my address",
    "under no circumstances charge my card",
    "hold off sending the complaint",
    "cancel nothing until I say so",
    "so just do not start the timer yet please",
    "let us hold on to the two chairs, don't ship them back",
    "I don't think you should delete the list",
    "I no longer want you to book the plumber",
    "it is better not to open the blinds",
    "by no means turn the heating off",
    "and dont you go and roll it again",
]
CHINESE = [
    "A1002我想留着，别取消",
    "不要退我的耳机",
    "先别发那封投诉信",
    "千万别给我换货",
    "不用再播了",
    "那个闹钟不必删",
    "没必要改收货地址",
    "我不想取消订单",
    "咖啡机保持原样就好",
    "甭打开客厅的灯",
    "暂时不退款",
    "请不要叫我起床",
    "用不着帮我联系卖家",
    "你可别乱动我的清单",
    "无需重新下单",
    "以后别再放这首歌",
    "订单先不取消了",
    "这盏灯就让它保留着",
    "我没让你关空调，别关",
    "计时器别停",
    "不准扣我的钱",
]
MEANT = [
    "cancel A1002",
    "can't you cancel it for me",
    "why don't you turn the lamp off",
    "don't forget to send the receipt",
    "please don't hesitate to call the courier",
    "it doesn't work, send me another one",
    "play something that is not jazz",
    "keep playing until ten",
    "leave a message for the seller",
    "别忘了关灯",
    "要不要帮我查一下天气",
    "把别的灯关掉",
    "帮我看看有没有特别便宜的",
    "不好意思，帮我取消订单",
]


@pytest.mark.parametrize("text", ENGLISH + CHINESE)
@pytest.mark.parametrize("states", [True, False])
def test_what_is_not_to_be_done_is_never_acted_upon(reader: ClauseReader, read: Read, text: str, states: bool) -> None:
    clauses = (read(text, "", "") if states else reader.read(text)).clauses
    assert not any(clause.acting for clause in clauses)
    assert not any(
        clause.act == "request" and clause.polarity == "positive" and declines([w.text for w in words_of(clause.text)])
        for clause in clauses
    )
    assert any(declines([word.text for word in words_of(clause.text)]) for clause in clauses)


@pytest.mark.parametrize("text", MEANT)
def test_a_negation_elsewhere_does_not_refuse(text: str) -> None:
    assert not declines([word.text for word in words_of(text)])


@pytest.mark.parametrize(
    "text",
    ["ok I think I'll keep it", "sure, leave it as it is", "yeah don't send it", "好的，那就保留吧", "嗯别取消了"],
)
def test_what_declines_is_no_consent(read: Read, text: str) -> None:
    said = [clause for clause in read(text, "Cancel it?", "").clauses if clause.polarity == "negative"]
    assert said
    assert all(clause.act in ("no", "request", "stop") for clause in said)
