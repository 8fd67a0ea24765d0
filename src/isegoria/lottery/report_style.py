"""The style of the page about a lottery."""

from __future__ import annotations

# The colours and measures of docs/design-system.md; text has a contrast of 7:1 on its ground, in the light and the dark.
STYLE = """
:root{color-scheme:light dark;--paper:#fbfaf6;--ink:#1b1b19;--soft:#4a4a45;--line:#d9d6cb;--faint:#f1eee5;
--accent:#1f4e79;--band:#a9bed2;--mark:#8c887a}
@media (prefers-color-scheme:dark){:root{--paper:#161614;--ink:#f3f1ea;--soft:#cdcabf;--line:#45443e;
--faint:#2a2926;--accent:#a9cdf0;--band:#47617a;--mark:#8d8b80}}
@media (prefers-contrast:more){:root{--line:currentColor;--soft:var(--ink);--mark:var(--ink)}}
*{box-sizing:border-box}
html{font-size:18px;-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:24px 16px 64px;max-width:52rem;background:var(--paper);color:var(--ink);
font:1rem/1.55 "Source Sans 3","Segoe UI",system-ui,sans-serif;overflow-wrap:break-word}
h1,h2,h3{line-height:1.18;text-wrap:balance;letter-spacing:-.01em;font-weight:650;hyphens:auto}
h1{font-size:clamp(1.7rem,1.3rem + 2vw,2.6rem);margin:8px 0 16px;max-width:26ch}
h2{font-size:clamp(1.3rem,1.1rem + .8vw,1.6rem);margin:64px 0 8px;max-width:40ch}
h3{font-size:1.05rem;margin:24px 0 4px}
p{margin:0 0 16px;max-width:66ch}
.lead{font-size:1.2rem;line-height:1.45;color:var(--soft)}
.kicker,figcaption,.foot{color:var(--soft)}
.kicker{margin:0}
.kicker svg{width:26px;height:26px;vertical-align:-7px;margin-right:8px;fill:var(--accent)}
figure{margin:16px 0}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(8rem,40%),1fr));gap:0 24px;margin:24px 0 0;
border-top:3px solid var(--accent)}
dl div{border-bottom:1px solid var(--line);padding:8px 0}
@media (min-width:40rem){dl{grid-template-columns:repeat(3,1fr)}}
dt{color:var(--soft);font-size:.92rem;hyphens:auto}
dd{margin:0;font-size:1.35rem;font-weight:650;font-variant-numeric:lining-nums tabular-nums}
.plot{display:block;width:100%;height:auto;overflow:visible;border-bottom:1px solid var(--ink)}
.strip{display:block;width:100%;overflow:visible}
.dot{fill:var(--accent)}
.ring{fill:none;stroke:var(--ink);stroke-width:1.6}
.band{stroke:var(--band);stroke-width:7;stroke-linecap:round}
.mark{stroke:var(--mark);stroke-width:1.5;stroke-dasharray:3 3;fill:none}
.line,.mark,.ring{vector-effect:non-scaling-stroke}
.line{fill:none;stroke:var(--accent);stroke-width:3;stroke-linejoin:round}
.axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.85rem;
font-variant-numeric:lining-nums tabular-nums}
.upright{display:flex;justify-content:space-between;gap:16px;color:var(--soft);font-size:.85rem}
ul.said{padding:0;margin:0 0 16px;list-style:none}
ul.said li{border-top:1px solid var(--line);padding:8px 0;max-width:66ch}
.scroll{overflow-x:auto}
.scroll:focus-visible,summary:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.94rem;margin:0 0 16px}
caption{text-align:left;font-weight:650;padding:16px 0 4px}
th,td{text-align:left;vertical-align:middle;padding:5px 16px 5px 0;border-bottom:1px solid var(--line);
font-weight:400}
table.stacked td:last-child{width:42%;font-size:.88rem}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-size:.85rem;vertical-align:bottom}
.number{text-align:right;white-space:nowrap;font-variant-numeric:lining-nums tabular-nums}
table.drawn{table-layout:fixed}
table.drawn th:first-child{width:25%}
table.drawn .picture{width:36%}
summary{cursor:pointer;min-height:44px;padding:8px 0;color:var(--accent)}
code{font:.88em/1.4 ui-monospace,"DejaVu Sans Mono",monospace;background:var(--faint);padding:2px 6px;
overflow-wrap:anywhere}
.foot{border-top:1px solid var(--line);margin-top:64px;padding-top:16px;font-size:.9rem}
@media (max-width:40rem){
table.drawn{font-size:.84rem}
table.drawn thead tr,table.drawn tbody tr{display:grid;
grid-template-columns:minmax(0,1fr) 3.4rem 3.7rem 5.4rem;column-gap:6px;border-bottom:1px solid var(--line);padding:6px 0}
table.drawn,table.drawn thead,table.drawn tbody,table.drawn caption{display:block}
table.drawn th,table.drawn td,table.drawn th:first-child{border:0;padding:0;width:auto}
table.drawn .picture{grid-column:1/-1;order:9;width:auto}
table.drawn thead th{font-size:.72rem}
table.stacked,table.stacked thead,table.stacked tbody{display:block}
table.stacked tr{display:grid;grid-template-columns:minmax(0,1fr) auto 4.4rem;column-gap:8px;
border-bottom:1px solid var(--line);padding:8px 0}
table.stacked th,table.stacked td{border:0;padding:0}
table.stacked td:last-child,table.stacked thead th:last-child{grid-column:1/-1;color:var(--soft);font-size:.85rem}}
@media print{
:root{--paper:#fff;--ink:#000;--soft:#333;--line:#bbb;--accent:#1f4e79;--band:#a9bed2;--mark:#777;--faint:#eee}
html{font-size:11pt}body{max-width:none;padding:0}h2{margin-top:24pt;break-after:avoid}
h3,caption{break-after:avoid}tr,figure,dl div,li{break-inside:avoid}thead{display:table-header-group}
.scroll{overflow:visible}details::details-content{content-visibility:visible}
svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
