"""What viewers read on the frame, and what a double says where no script has a line for it.

One table a language; every such string stands here, once. What a brand or a persona says itself
(names, prices, sentences) comes from the matrix, the AI label from
orchestrator.compliance.ai_label.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """The words around names and prices."""

    now: str
    was: str
    currency: str
    presenting: str
    on_sale: str
    host: str
    back_soon: str
    back_soon_more: str
    human_hours: str
    human_hours_more: str
    human: str
    handover: str
    """Said by a double that takes a room over; filled like a script's line."""
    goodbye: str
    """Said when a shop closes; filled like a script's line."""


CHINESE = Phrases(
    now="现价",
    was="原价",
    currency="¥",
    presenting="讲解中",
    on_sale="今日在售",
    host="数字人主播",
    back_soon="马上回来",
    back_soon_more="精彩好物稍后继续",
    human_hours="真人主播时段",
    human_hours_more="主播马上就到，请稍候",
    human="真人",
    handover="大家好，我是{streamer}的数字人主播，{persona}版，由人工智能生成，接下来由我在{shop}陪大家。",
    goodbye="{shop}今天的直播先到这里，谢谢大家一路陪伴，我们下次再见。",
)

PHRASES = {"zh": CHINESE}
