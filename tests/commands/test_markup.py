import time

import pytest

from tasks.interchange.foreign.markup import is_html, text_of

pytestmark = pytest.mark.run_once("sqlite")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two <b>bold</b></p>", "One\nTwo bold"),
        ("<html><head><title>No</title><style>p {}</style></head><body>a<br>\r\nb</body></html>", "a\nb"),
        ("<div>a &amp; &lt;b&gt;</div>", "a & <b>"),
        ('<p>See <a href="https://a.example/?b=1&amp;c">here</a>.</p>', "See here (https://a.example/?b=1&c)."),
        ('<p><a href="https://a.example">https://a.example</a></p>', "https://a.example"),
        ("<ul><li><p>a</p></li><li>b</li></ul>", "- a\n- b"),
        ('<ul><li data-checked="true">a</li><li data-checked="false">b</li></ul>', "- [x] a\n- [ ] b"),
        ("<p>a<!-- <b>no</b> -->b</p>", "ab"),
        ("<div>a</div>\n <div>b</div>", "a\nb"),
        ("<p>1 < 2 and 3 > 2</p>", "1 < 2 and 3 > 2"),
    ],
)
def test_text_of_html(markup, text):
    assert is_html(markup)
    assert text_of(markup) == text


@pytest.mark.parametrize("text", ["a", "1 < 2", "<3 cats", "# Title\n<p>", "<person>", ""])
def test_text_that_is_not_html(text):
    assert not is_html(text)


@pytest.mark.parametrize(
    "piece",
    ["<", "<a ", "<!--", "<![CDATA[", "&#", "<a b='", "</", "<script>", "<style", "<p>", "<title>x", " ", "<a href="],
)
def test_hostile_markup_takes_linear_time(piece):
    def seconds(amount):
        start = time.process_time()
        text_of(piece * amount)
        return time.process_time() - start

    assert seconds(100_000) < 20 * max(seconds(10_000), 0.05)
