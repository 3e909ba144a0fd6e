"""Time zones as people name them: by their IANA name, or by a city in Chinese or English."""

from collections import defaultdict
from functools import cache
from typing import Final
from zoneinfo import available_timezones

USUAL: Final = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Dubai",
    "Europe/Moscow",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
)
"""Zones that are offered as buttons; a button carries the place in this list."""

# Cities that the IANA database does not name, or not in Chinese. Cities with two clocks in use are left out.
_CITIES: Final = {
    "Asia/Shanghai": "北京 上海 天津 重庆 广州 深圳 成都 武汉 西安 南京 杭州 中国 beijing china guangzhou shenzhen",
    "Asia/Hong_Kong": "香港",
    "Asia/Macau": "澳门",
    "Asia/Taipei": "台北",
    "Asia/Tokyo": "东京 大阪 日本 osaka japan",
    "Asia/Seoul": "首尔 韩国 korea",
    "Asia/Pyongyang": "平壤",
    "Asia/Singapore": "新加坡",
    "Asia/Kuala_Lumpur": "吉隆坡",
    "Asia/Bangkok": "曼谷 河内 hanoi",
    "Asia/Ho_Chi_Minh": "胡志明市",
    "Asia/Jakarta": "雅加达",
    "Asia/Manila": "马尼拉",
    "Asia/Yangon": "仰光",
    "Asia/Phnom_Penh": "金边",
    "Asia/Vientiane": "万象",
    "Asia/Ulaanbaatar": "乌兰巴托",
    "Asia/Kolkata": "新德里 德里 孟买 印度 delhi new-delhi mumbai india",
    "Asia/Kathmandu": "加德满都",
    "Asia/Dhaka": "达卡",
    "Asia/Colombo": "科伦坡",
    "Asia/Karachi": "卡拉奇 伊斯兰堡 islamabad",
    "Asia/Kabul": "喀布尔",
    "Asia/Tashkent": "塔什干",
    "Asia/Almaty": "阿拉木图",
    "Asia/Tehran": "德黑兰",
    "Asia/Dubai": "迪拜 阿布扎比 abu-dhabi",
    "Asia/Qatar": "多哈 doha",
    "Asia/Riyadh": "利雅得",
    "Asia/Baghdad": "巴格达",
    "Asia/Jerusalem": "耶路撒冷",
    "Europe/Istanbul": "伊斯坦布尔 安卡拉 ankara",
    "Europe/Moscow": "莫斯科 圣彼得堡 saint-petersburg",
    "Europe/Kyiv": "基辅",
    "Europe/Warsaw": "华沙",
    "Europe/Prague": "布拉格",
    "Europe/Vienna": "维也纳",
    "Europe/Budapest": "布达佩斯",
    "Europe/Berlin": "柏林 慕尼黑 法兰克福 汉堡 munich frankfurt hamburg germany",
    "Europe/Paris": "巴黎 法国 france",
    "Europe/London": "伦敦 英国 uk",
    "Europe/Dublin": "都柏林",
    "Europe/Madrid": "马德里 巴塞罗那 barcelona",
    "Europe/Lisbon": "里斯本",
    "Europe/Rome": "罗马 米兰 milan",
    "Europe/Athens": "雅典",
    "Europe/Zurich": "苏黎世 日内瓦 geneva",
    "Europe/Amsterdam": "阿姆斯特丹",
    "Europe/Brussels": "布鲁塞尔",
    "Europe/Stockholm": "斯德哥尔摩",
    "Europe/Oslo": "奥斯陆",
    "Europe/Copenhagen": "哥本哈根",
    "Europe/Helsinki": "赫尔辛基",
    "Africa/Cairo": "开罗",
    "Africa/Nairobi": "内罗毕",
    "Africa/Lagos": "拉各斯",
    "Africa/Johannesburg": "约翰内斯堡",
    "America/New_York": "纽约 华盛顿 波士顿 boston washington",
    "America/Chicago": "芝加哥",
    "America/Los_Angeles": "洛杉矶 旧金山 西雅图 san-francisco seattle",
    "America/Vancouver": "温哥华",
    "America/Toronto": "多伦多",
    "America/Mexico_City": "墨西哥城",
    "America/Sao_Paulo": "圣保罗",
    "America/Argentina/Buenos_Aires": "布宜诺斯艾利斯",
    "Australia/Sydney": "悉尼",
    "Australia/Melbourne": "墨尔本",
    "Pacific/Auckland": "奥克兰 惠灵顿 wellington",
    "Pacific/Honolulu": "檀香山 夏威夷 hawaii",
}


def find(text: str) -> str | None:
    """The IANA name of what somebody typed; None for what is unknown, or could be several places."""
    return _known().get(_plain(text))


@cache
def _known() -> dict[str, str]:
    """Every name we understand, in small letters."""
    names = sorted(available_timezones())
    by_city: dict[str, set[str]] = defaultdict(set)
    for name in names:
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/")):
            by_city[_plain(name.rsplit("/", 1)[1])].add(name)
    known = {city: next(iter(found)) for city, found in by_city.items() if len(found) == 1}
    known |= {_plain(name): name for name in names if "/" in name or name == "UTC"}
    for zone, cities in _CITIES.items():
        known |= {_plain(city): zone for city in (*cities.split(), zone.rsplit("/", 1)[1])}
    return known


def _plain(text: str) -> str:
    return "-".join(text.replace("_", " ").replace("-", " ").casefold().split())
