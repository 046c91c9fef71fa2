"""What viewers read on the frame, one table a language. Every such string stands here, once.

What a brand or a persona says itself (names, prices, sentences) comes from the matrix, the AI
label from orchestrator.compliance.ai_label.
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


CHINESE = Phrases(
    now="现价",
    was="原价",
    currency="¥",
    presenting="讲解中",
    on_sale="今日在售",
    host="数字人主播",
    back_soon="马上回来",
    back_soon_more="精彩好物稍后继续",
)

PHRASES = {"zh": CHINESE}
