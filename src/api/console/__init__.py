"""The console: pages for people. The address is the question; the page is the answer, with the position it is true for.

One request from address to page:

1. `routes` finds the page; `frame` finds out who reads (language and size are the reader's, kept in a cookie).
2. A file in `pages/` turns parameters into one question to a view, to `projections.replay` or to the log, and the
   answer into a plain value. Pages hold no SQL and no HTML; times in the past go through `moment` first.
3. `labels` says each value as a reader wants it: money, dates, codes, hashes. Titles of types and fields come from the
   contracts, of columns from the view, of codes from the code lists; the console's own sentences from `i18n/`.
4. A template in `templates/` shows it. Asked with the header `X-Fragment: 1`, the same address answers with the part
   in `templates/_parts/` alone, which `static/app.js` puts in the place of the old one.

Everything is readable without JavaScript and stands under a strict Content-Security-Policy: no inline script, style or
handler anywhere. Only `labels` and `charts` make markup; every address is built in `urls`.

A new view is seen at `/boards/<name>` without a template. A new event type is shown by its contract. A new screen is
one file in `pages/`, one template, one line in `routes`, and its sentences in both files of `i18n/`.
"""
