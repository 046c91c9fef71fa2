"""Units as they are written and as they are said."""

MEASURED = {
    "mAh": "毫安",
    "Wh": "瓦时",
    "kWh": "度",
    "kW": "千瓦",
    "KW": "千瓦",
    "W": "瓦",
    "w": "瓦",
    "V": "伏",
    "GHz": "吉赫",
    "MHz": "兆赫",
    "kHz": "千赫",
    "Hz": "赫兹",
    "dB": "分贝",
    "°C": "摄氏度",
    "℃": "摄氏度",
    "°": "度",
    "kPa": "千帕",
    "Pa": "帕",
    "kcal": "千卡",
    "kJ": "千焦",
    "rpm": "转",
    "lm": "流明",
    "K": "K",
}
"""What an instrument reads: 2V is 二伏."""

COUNTED = {
    "ml": "毫升",
    "mL": "毫升",
    "ML": "毫升",
    "l": "升",
    "L": "升",
    "kg": "公斤",
    "KG": "公斤",
    "Kg": "公斤",
    "mg": "毫克",
    "μg": "微克",
    "ug": "微克",
    "g": "克",
    "G": "G",
    "km": "公里",
    "cm": "厘米",
    "CM": "厘米",
    "mm": "毫米",
    "MM": "毫米",
    "m": "米",
    "m2": "平方米",
    "m²": "平方米",
    "㎡": "平方米",
    "m3": "立方米",
    "m³": "立方米",
    "h": "小时",
    "min": "分钟",
    "s": "秒",
    "oz": "盎司",
    "inch": "英寸",
    "寸": "寸",
    "GB": "G",
    "TB": "T",
    "MB": "兆",
    "pcs": "件",
    "PCS": "件",
}
"""What is counted out: 2kg is 两公斤."""

SPOKEN = {**MEASURED, **COUNTED}
SPELLINGS = sorted(SPOKEN, key=len, reverse=True)
"""Longest first, because a pattern takes the first that fits, and kg isn't k and g."""

CLASSIFIERS = (
    "个件条双套瓶盒袋包片支只张块斤升台床份箱桶罐杯碗本把副对组层间位名人次天年周岁折秒"
    "种款色粒颗枚根卷串扇辆部元毛克米步场首轮排格朵头棵口人家滴勺餐顿趟米升毫厘公平立小分倍"
    "刀圈门道句遍重万千百亿"
)
"""Characters before which 2 is said 两."""
