"""Invented names: of firms, bodies, projects and places. None belongs to anybody.

The city is called 示范 (demonstration), its districts 甲, 乙, 丙. A firm's name is two characters from a list and a
trade; with the firm's number they are unlikely to meet, and where two firms share a name the code tells them apart.
"""

FIRST = "砚墨笺砺岑澹蘅芷珩琤瀹渟漪霁旻昉煦曦晖皓岫嶂峤崧翊翀翮骞骐骥骧骅"
SECOND = "川陵浦津渚汀洲湄泽溪涧泉瀑岩崖冈峦谷野原圃苑庭榭阁轩堂舍庐亭桥陌"

TRADES = {
    "builder": ("建设工程有限公司", "建筑安装有限公司", "市政工程有限公司", "路桥工程有限公司"),
    "supplier": ("商贸有限公司", "设备有限公司", "信息技术有限公司", "医疗器械有限公司", "物资有限公司"),
    "buyer": ("投资有限公司", "置业有限公司", "资产经营有限公司", "能源有限公司"),
    "agent": ("招标代理有限公司", "项目管理咨询有限公司"),
    "designer": ("建筑设计有限公司", "工程勘察设计有限公司"),
    "supervisor": ("工程监理有限公司", "建设监理有限公司"),
    "developer": ("房地产开发有限公司", "城市建设投资有限公司"),
    "reviewer": ("施工图审查有限公司",),
    "auditor": ("工程造价咨询有限公司",),
    "maker": ("人防设备制造有限公司",),
    "tenderer": ("中学", "人民医院", "公路管理站", "市政管理处", "水务管理中心", "图书馆", "档案馆", "养护中心"),
}
"""What each kind of firm is called after its two characters."""

DISTRICTS = (("140302", "甲区"), ("140303", "丙区"), ("140311", "丁区"), ("140321", "乙县"), ("140322", "戊县"))

STREETS = ("烛台", "石磨", "风铃", "笔架", "纸坊", "砚台", "茶亭", "渡口", "铜锣", "竹篮", "青瓦", "棋盘")

WORKS = {
    "C1.1": ("综合楼", "教学楼", "住院楼", "体育馆", "档案库房"),
    "C1.2": ("道路改造", "排水管网", "公园提升", "路灯改造", "供热管网"),
    "C1.3": ("空调系统", "变配电系统", "电梯更新"),
    "C1.4": ("公路养护", "大桥加固", "客运站"),
    "C1.5": ("河道治理", "水库除险", "泵站更新"),
    "C1.6": ("绿化", "山体修复", "照明亮化"),
    "C2.1": ("办公设备", "医疗设备", "物业服务", "软件系统", "校服", "实验仪器"),
    "C3.1": ("国有建设用地使用权",),
    "C3.2": ("石灰岩采矿权", "砂石采矿权", "探矿区采矿权"),
    "C4.1a": ("企业国有产权",),
    "C4.1b": ("企业增资",),
    "C4.1c": ("企业房产", "企业设备"),
    "C4.2a": ("股权", "债权"),
    "C4.2b": ("公务用车", "旧房产"),
    "C4.2c": ("门面房租赁", "停车场租赁"),
    "C4.2d": ("专利权", "商标权"),
    "C4.3": ("罚没车辆", "罚没物资"),
    "C5.1": ("林地经营权",),
    "C5.2": ("集体机动地经营权", "集体厂房"),
    "C5.3": ("冠名权", "特许经营权"),
    "C5.4": ("排污权指标",),
    "C5.5": ("碳排放配额",),
    "C5.6": ("用能权指标",),
}
"""What is traded, by the item of the catalogue."""


def firm(kind: str, place: str, number: int) -> str:
    """The name of the firm with that number of a kind: `示范市砚川建设工程有限公司`."""
    trades = TRADES[kind]
    pair = number % (len(FIRST) * len(SECOND))
    word = FIRST[pair % len(FIRST)] + SECOND[(pair * 7 + pair // len(FIRST)) % len(SECOND)]
    return f"{place}{word}{trades[number % len(trades)]}"
