"""How shop words are read where a character has several readings and dictionaries pick the rarer.

Found by reading out what shops say: a host says 擦干 with gān, 两只 with zhī, 泡得浓 with de.
"""

import re

PHRASES = {
    "薄被": "báo bèi",
    "薄款": "báo kuǎn",
    "超薄": "chāo báo",
    "轻薄": "qīng báo",
    "长绒棉": "cháng róng mián",
    "重磅": "zhòng bàng",
    "重样": "chóng yàng",
    "空调被": "kōng tiáo bèi",
    "干发帽": "gān fà mào",
    "发质": "fà zhì",
    "护发": "hù fà",
    "洗发水": "xǐ fà shuǐ",
    "卷发": "juǎn fà",
    "还剩": "hái shèng",
    "还送": "hái sòng",
    "系带": "jì dài",
    "系着": "jì zhe",
    "系在": "jì zài",
    "系上": "jì shàng",
    "绗缝": "háng féng",
    "色差": "sè chā",
    "弹开": "tán kāi",
    "回弹": "huí tán",
    "落下来": "luò xià lái",
    "落不着": "luò bù zháo",
    "睡不着": "shuì bù zháo",
    "睡得着": "shuì de zháo",
    "用不着": "yòng bù zháo",
    "找不着": "zhǎo bù zháo",
    "够不着": "gòu bù zháo",
    "盛碗": "chéng wǎn",
    "盛饭": "chéng fàn",
    "盛汤": "chéng tāng",
    "盛出来": "chéng chū lái",
    "转儿": "zhuàn ér",
    "打转": "dǎ zhuàn",
    "空当": "kòng dāng",
    "量一量": "liáng yī liáng",
    "干吗": "gàn má",
    "干嘛": "gàn má",
    "干活": "gàn huó",
    "能干": "néng gàn",
    "得到": "dé dào",
    "获得": "huò dé",
    "取得": "qǔ dé",
    "难得": "nán dé",
    "得意": "dé yì",
    "干劲": "gàn jìn",
}
"""Words and their pinyin."""

CHARACTERS = {"干": "gān,gàn", "得": "de,dé,děi", "长": "cháng,zhǎng", "调": "tiáo,diào"}
"""The reading that stands first is taken where no word decides: 擦干, 泡得浓, 两米长, 可调."""

_HOMOPHONES = (
    (
        re.compile(
            "(?<=[一二两三四五六七八九十百几每这那半])只(?![有要是能会剩需差花卖用为在见做送给])"
        ),
        "支",
    ),
    (re.compile(r"((.)\2)地(?![方址面板])"), r"\1的"),
)
"""What sounds the same and has one reading: 两只 → 两支, 慢慢地 → 慢慢的."""


def unambiguous(text: str) -> str:
    """The text with characters replaced by others of the right sound; for reading out only."""
    for pattern, other in _HOMOPHONES:
        text = pattern.sub(other, text)
    return text
