"""Forty sentences from shops, and exactly what is said for each."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.render.speech.normalize import KEPT, normalize

SENTENCES = (
    ("原价¥299.00，今天直播间只要129.9元！", "原价两百九十九元，今天直播间只要一百二十九块九！"),
    ("到手价￥129.00，拍2件再减20元。", "到手价一百二十九元，拍两件再减二十元。"),
    ("全场8.5折，会员折上再打9折。", "全场八五折，会员折上再打九折。"),
    ("500ml*2瓶，只要39.9元。", "五百毫升乘两瓶，只要三十九块九。"),
    ("净重1.5kg，够一家人吃3-5天。", "净重一点五公斤，够一家人吃三到五天。"),
    ("被子尺寸200x230cm，适合1.5m床。", "被子尺寸两百乘两百三十厘米，适合一点五米床。"),
    ("1.8m×2.0m的床，选220*240cm。", "一点八米乘两米的床，选两百二十乘两百四十厘米。"),
    (
        "这条充电线2m长，支持USB-C接口，100W快充。",
        "这条充电线两米长，支持U S B C接口，一百瓦快充。",
    ),
    ("11月22日20:30准时开抢。", "十一月二十二日二十点三十分准时开抢。"),
    ("今晚20:00-22:00，下单就送2包抽纸。", "今晚八点到十点，下单就送两包抽纸。"),
    ("客服电话400-820-8820，有问题随时打。", "客服电话四零零，八二零，八八二零，有问题随时打。"),
    ("拨打13812345678找客服小林。", "拨打幺三八幺二三四五六七八找客服小林。"),
    ("订单号DD20261122，帮您查一下。", "订单号D D二零二六幺幺二二，帮您查一下。"),
    ("型号X200 Pro，AI降噪，续航30h。", "型号X二零零Pro，A I降噪，续航三十小时。"),
    ("Type-C充电，5000mAh大电池。", "Type C充电，五千毫安大电池。"),
    ("100%新疆长绒棉，60支面料。", "百分之一百新疆长绒棉，六十支面料。"),
    ("省了30%，相当于打7折。", "省了百分之三十，相当于打七折。"),
    ("前100名下单，送价值59元的枕头1对。", "前一百名下单，送价值五十九元的枕头一对。"),
    ("满300减40，满500减80。", "满三百减四十，满五百减八十。"),
    ("买1送1，等于9.9元一瓶。", "买一送一，等于九块九一瓶。"),
    ("SPF50+，PA+++，夏天出门必备。", "S P F五十加，P A三个加，夏天出门必备。"),
    ("保质期12个月，生产日期2026-10-08。", "保质期十二个月，生产日期二零二六年十月八日。"),
    ("冷藏2-8℃，开封后7天内喝完。", "冷藏二到八摄氏度，开封后七天内喝完。"),
    ("-18℃冷冻，可以放6个月。", "零下十八摄氏度冷冻，可以放六个月。"),
    ("1/2杯水加3勺粉，摇匀就能喝。", "二分之一杯水加三勺粉，摇匀就能喝。"),
    ("A/B两款，颜色随机发。", "A、B两款，颜色随机发。"),
    ("喜欢的宝宝扣1，想要的扣2😍😍", "喜欢的宝宝扣一，想要的扣二"),
    ("XL码适合120-140斤，M码适合100斤左右。", "X L码适合一百二十到一百四十斤，M码适合一百斤左右。"),
    ("已经卖了10万+，好评率99.8%。", "已经卖了十万多，好评率百分之九十九点八。"),
    ("第2件半价，只剩最后20份了！", "第二件半价，只剩最后二十份了！"),
    ("2026年新款，T恤、iPhone壳都有。", "二零二六年新款，T恤、iPhone壳都有。"),
    ("1:10兑水，一瓶能用2个月。", "一比十兑水，一瓶能用两个月。"),
    ("价格9.9元/斤，5斤包邮。", "价格九块九一斤，五斤包邮。"),
    ("双11大促，11.11活动价¥1,299。", "双十一大促，双十一活动价一千二百九十九元。"),
    ("48小时内发货，顺丰包邮~", "四十八小时内发货，顺丰包邮"),
    ("每100g含蛋白质3.6g，0糖0脂。", "每一百克含蛋白质三点六克，零糖零脂。"),
    ("256GB版本，比官网便宜200元。", "两百五十六G版本，比官网便宜两百元。"),
    (
        "3号链接，2分钟后上架，倒数5、4、3、2、1！",
        "三号链接，两分钟后上架，倒数五、四、三、二、一！",
    ),
    ("重量只有0.5kg，厚度2.5mm。", "重量只有零点五公斤，厚度二点五毫米。"),
    ("【限时】3.8节(女神节)福利来啦…", "限时，三八节，女神节，福利来啦"),
)

SAYABLE = re.compile(rf"[\u4e00-\u9fffA-Za-z {KEPT}]*")


def test_there_are_forty_sentences() -> None:
    assert len({written for written, _ in SENTENCES}) == 40


@pytest.mark.parametrize(("written", "spoken"), SENTENCES)
def test_a_shop_sentence_is_said_as_a_host_would(written: str, spoken: str) -> None:
    assert normalize(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("0.02元", "两分"),
        ("2.5元", "两块五"),
        ("2元", "两元"),
        ("12.25元", "十二块二毛五"),
        ("0.2元", "两毛"),
        ("129.05元", "一百二十九块零五分"),
        ("￥12,800", "一万两千八百元"),
        ("¥50-100", "五十到一百元"),
        ("1.2万元", "一点二万元"),
        ("5元/100g", "五元每一百克"),
        ("1299.90RMB", "一千二百九十九块九"),
    ],
)
def test_prices(written: str, spoken: str) -> None:
    assert normalize(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("8:05", "八点零五分"),
        ("下午14:30", "下午两点半"),
        ("14:00返场", "十四点返场"),
        ("2024年2月2日", "二零二四年二月二日"),
        ("11/22号开售", "十一月二十二日开售"),
        ("16:9屏幕", "十六比九屏幕"),
        ("比例3:10", "比例三比十"),
    ],
)
def test_dates_times_and_ratios(written: str, spoken: str) -> None:
    assert normalize(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("2斤装，2两一包，2楼领取", "两斤装，二两一包，二楼领取"),
        ("水温25~30度，±2℃", "水温二十五到三十度，正负二摄氏度"),
        ("3+2，1+1=2", "三加二，一加一等于二"),
        ("100+件", "一百多件"),
        ("2-3天到货", "两到三天到货"),
        ("20500个", "两万零五百个"),
        ("10010个", "一万零一十个"),
        ("热线10086", "热线幺零零八六"),
        ("５００ｍｌ", "五百毫升"),
        ("￥9.9包邮🎉🎉", "九块九包邮"),
        ("HDMI接口", "HDMI接口"),
        ("只要 129 元", "只要一百二十九元"),
        ("顺丰包邮 七天无理由", "顺丰包邮，七天无理由"),
    ],
)
def test_numbers_units_and_signs(written: str, spoken: str) -> None:
    assert normalize(written) == spoken


@given(
    st.text(
        alphabet=st.sampled_from(
            "0123456789.,-~/:+*x%¥元折个年月日℃kgml 第买送A㎡😍，。!（AbB5号20"
        ),
        max_size=24,
    )
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_whatever_is_written_only_what_can_be_said_comes_out(text: str) -> None:
    spoken = normalize(text)
    assert SAYABLE.fullmatch(spoken)
    assert normalize(spoken) == spoken


@given(st.text(max_size=20))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_text_at_all_is_survived(text: str) -> None:
    assert SAYABLE.fullmatch(normalize(text))


@given(st.integers(min_value=0, max_value=99_999_999))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_whole_numbers_are_said_so_that_they_can_be_read_back(number: int) -> None:
    assert _read(normalize(f"共{number}")[1:]) == number


def _read(spoken: str) -> int:
    digits = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}
    places = {"十": 10, "百": 100, "千": 1000}
    total = section = digit = 0
    for char in spoken:
        if char in digits:
            digit = digits[char]
        elif char in places:
            section += (digit or 1) * places[char]
            digit = 0
        else:
            total += (section + digit) * 10_000
            section = digit = 0
    return total + section + digit
