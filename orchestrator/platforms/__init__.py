"""The platforms that are known, by name. One module each; add one there, and list it here."""

from collections.abc import Mapping
from types import MappingProxyType

from orchestrator.platforms.bilibili import BILIBILI
from orchestrator.platforms.custom import CUSTOM
from orchestrator.platforms.douyin import DOUYIN
from orchestrator.platforms.kuaishou import KUAISHOU
from orchestrator.platforms.platform import Platform, SecondPublisher, Stance
from orchestrator.platforms.taobao import TAOBAO
from orchestrator.platforms.twitch import TWITCH
from orchestrator.platforms.wechat_channels import WECHAT_CHANNELS
from orchestrator.platforms.xiaohongshu import XIAOHONGSHU
from orchestrator.platforms.youtube import YOUTUBE

__all__ = ["PLATFORMS", "Platform", "SecondPublisher", "Stance"]

PLATFORMS: Mapping[str, Platform] = MappingProxyType(
    {
        platform.name: platform
        for platform in (
            DOUYIN,
            TAOBAO,
            KUAISHOU,
            BILIBILI,
            YOUTUBE,
            TWITCH,
            CUSTOM,
            WECHAT_CHANNELS,
            XIAOHONGSHU,
        )
    }
)
