"""Numbers that carry their own check: credit codes, citizen numbers, deal codes, project codes, regions.

    from ledger.identifiers import uscc
    uscc.faults("91350100M000100Y43")         # () – sound
    uscc.faults("91110000600037341N")         # (Fault(code='check-digit', …),)

One module a number. Each has `faults(text)`: what is wrong with it, nothing when it is sound. A sound number is not
therefore a real one. A wrong number is no reason to refuse a fact: it is a quality finding about the post that carried
it (`ledger.quality`), and only a form filled in by hand asks to mend it first. Numbers are never repaired here.

    module    number                                   law
    uscc      统一社会信用代码                           GB 32100-2015, with the organisation code of GB 11714
    citizen   公民身份号码                              GB 11643
    deal      统一交易标识码                             公共资源交易平台系统数据规范 V2.0 (发改办法规〔2018〕1156号)
    project   投资项目代码, new and old                  发改投资〔2020〕1439号, GB/T 40058-2021; shape only
    region    行政区划代码                              GB/T 2260
"""

from collections.abc import Callable, Mapping

from ledger.identifiers import citizen, deal, project, region, uscc
from ledger.identifiers.fault import Fault

CHECKS: Mapping[str, Callable[[str], tuple[Fault, ...]]] = {
    "uscc": uscc.faults,
    "citizen": citizen.faults,
    "deal": deal.faults,
    "project": project.faults,
    "region": region.faults,
}
"""What a value type may name in `x-check` (`schemas/types.v1.json`)."""
