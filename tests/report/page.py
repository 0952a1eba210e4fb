"""A report page as a test sees it: its tables, figures and words, by Python's own HTML parser."""
import html.parser
import re

VOID = {"meta", "br", "hr", "img", "link", "input", "col"}
LOADING = {"src", "href", "xlink:href", "srcset", "data", "action", "background", "poster"}


class Page(html.parser.HTMLParser):
    """`elements`: (tag, attributes, text of it and all in it), in order of their beginnings."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.source, self.elements, self.open, self.faults = text, [], [], []
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"not closed: {[self.elements[i][0] for i in self.open]}")

    def handle_starttag(self, tag, attrs):
        if len({name for name, _ in attrs}) != len(attrs):
            self.faults.append(f"<{tag}> names an attribute twice")
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag):
        if not self.open or self.elements[self.open[-1]][0] != tag:
            self.faults.append(f"</{tag}> closes nothing")
            return
        self.open.pop()

    def handle_data(self, data):
        for i in self.open:
            self.elements[i][2].append(data)

    def all(self, tag, kind=None):
        """Elements of a tag, and of a class where one is given."""
        return [(attrs, "".join(text)) for name, attrs, text in self.elements
                if name == tag and (kind is None or kind in attrs.get("class", "").split())]

    def inside(self, identity, tag, kind=None):
        """The part of the page inside the element with this id, as a list like all()."""
        part = re.search(rf'<(\w+)[^>]* id="{identity}".*?</\1>', self.source, re.DOTALL)
        return Page(part[0]).all(tag, kind) if part else []

    def rows(self):
        """Rows of all tables: {head of the row: {head of the column: text}}."""
        out = {}
        for part in re.findall(r"<tr>.*?</tr>", self.source, re.DOTALL):
            row = Page(part)
            heads = [text for attrs, text in row.all("th") if attrs.get("scope") == "row"]
            if heads:
                out[heads[0]] = {attrs["data-name"]: text for attrs, text in row.all("td")}
        return out

    def dangers(self):
        """What must not be in a page that stands alone: sentences."""
        out = list(self.faults)
        for tag, attrs, _ in self.elements:
            if tag in {"script", "iframe", "object", "embed", "base", "form", "link", "img"}:
                out.append(f"there is a <{tag}>")
            out += [f"<{tag} {name}> may run or load something" for name in attrs
                    if name in LOADING or name.startswith("on")]
            out += [f"<{tag} {name}> has a scheme" for name, value in attrs.items()
                    if re.match(r"\s*(javascript|data|https?|file):", value or "", re.IGNORECASE)]
        sheets = "".join(text for _, text in self.all("style"))
        if re.search(r"url\(|@import|expression\(", sheets):
            out.append("the style sheet loads something")
        return out
