"""What docs/integrations.md shows, built by the tools in an environment of their own; warnings are errors."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.test_hostile import TEXTS, spec

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/integrations.md").read_text("utf-8")
FILE = re.compile(r"^`([^`\n]+)`:\n\n(`{3,})\w+\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
WRONG = ('"op": "Dense", "units": 1', '"op": "Dense", "unit": 1')
"""A change of ``specs/lstm.json``, and the line that tells it."""


def files_of(heading: str) -> dict[str, str]:
    """The files that a section of the page shows."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = {name: text for name, _, text in FILE.findall(section)}
    assert found
    return found


class Environment:
    """An environment with archgen and the tools, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        own = ("HOME", "XDG_CONFIG_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "PRE_COMMIT_HOME")
        self.variables = {
            **kept,
            **{name: str(folder / name.lower()) for name in own},
            "PIP_CACHE_DIR": pip_cache(),
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "NO_COLOR": "1",
        }

    def run(self, *command: str, folder: Path, timeout: float = 240) -> subprocess.CompletedProcess[str]:
        """Run a tool of the environment in a folder."""
        done = subprocess.run(
            [str(self.bin / command[0]) if (self.bin / command[0]).exists() else command[0], *command[1:]],
            cwd=folder,
            env=self.variables,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
        )
        done.stdout = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
        done.stderr = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)
        return done

    def check(self, *command: str, folder: Path) -> str:
        """Run a tool that has to succeed; everything that it printed."""
        done = self.run(*command, folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


def pip_cache() -> str:
    """The cache of pip outside: what it holds is not fetched again."""
    done = subprocess.run([sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True)
    return done.stdout.strip() or str(Path.home() / ".cache" / "pip")


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A fresh environment; skipped where pip reaches no index, but for CI."""
    environment = Environment(tmp_path_factory.mktemp("tools"))
    where = environment.folder / "venv"
    environment.check(sys.executable, "-m", "venv", "--without-pip", str(where), folder=ROOT)
    pip = (sys.executable, "-m", "pip", "--python", str(where), "--disable-pip-version-check", "install", "--quiet")
    what = ("--constraint", "constraints.txt", "--group", "integrations", str(ROOT))
    done = environment.run(*pip, *what, folder=ROOT)
    if "No matching distribution found" in done.stderr and "CI" not in os.environ:
        pytest.skip(f"pip reaches no index: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return environment


class Page(HTMLParser):
    """What a page shows: its tags with their attributes, its texts, and what is inside its figures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())

    @property
    def figures(self) -> list[dict[str, str | None]]:
        """The attributes of every figure of archgen."""
        return [each for tag, each in self.tags if tag == "svg" and "archgen" in (each.get("class") or "").split()]

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [each for name, each in self.tags if name == tag]


def look(path: Path) -> Page:
    """The page, none of whose ids occurs twice among the figures'."""
    page = Page(path.read_text("utf-8"))
    ids = [each["id"] for _, each in page.tags if (each.get("id") or "").startswith("archgen-")]
    assert len(ids) == len(set(ids))
    return page


def project(folder: Path, *headings: str) -> Path:
    """A project with the files of sections of the page, and specs."""
    for heading in headings:
        for name, text in files_of(heading).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
    (folder / "specs").mkdir()
    for name in ("resnet", "lstm"):
        shutil.copy(ROOT / f"specs/{name}.json", folder / "specs")
    return folder


def spoil(folder: Path) -> str:
    """Put a mistake into a spec; how it is told."""
    path = folder / "specs/lstm.json"
    text = path.read_text("utf-8")
    assert WRONG[0] in text
    path.write_text(text.replace(*WRONG), "utf-8")
    return f"specs/lstm.json:{text[: text.index(WRONG[0])].count(chr(10)) + 1}:"


def test_the_environment_is_clean(tools: Environment) -> None:
    code = (
        "import archgen, importlib.util as u; print(archgen.__file__, u.find_spec('keras'), u.find_spec('tensorflow'))"
    )
    said = tools.check("python", "-c", code, folder=tools.folder)
    assert str(tools.folder) in said and said.split()[1:] == ["None", "None"]


# Sphinx


@pytest.fixture
def sphinx(tools: Environment, tmp_path: Path) -> Iterator[Path]:
    yield project(tmp_path, "Sphinx")


def build(tools: Environment, folder: Path, builder: str = "html", *options: str) -> str:
    return tools.check("sphinx-build", "-W", "-b", builder, *options, ".", f"_build/{builder}", folder=folder)


def test_sphinx_html(tools: Environment, sphinx: Path) -> None:
    build(tools, sphinx)
    page = look(sphinx / "_build/html/index.html")
    first, second, third = page.figures
    assert first["aria-label"] == "A stem, a residual block three times, a dense layer"
    assert "width: 60%" in (second["style"] or "") and "aria-label" not in third
    assert "residual" in [each.get("id") for each in page.all("figure")]
    assert "Fig. 1" in page.texts
    shown = ("(None, 80, 128)", "1,315,851 (5.02 MiB)", "non-trainable", "tiny")
    assert [text for text in shown if text not in page.texts] == []
    assert any("archgen-summary" in (each.get("class") or "") for each in page.all("table"))
    html = (sphinx / "_build/html/index.html").read_text("utf-8")
    assert "<em>residual</em> network" in html and '[data-theme="dark"]' in html


def test_sphinx_image(tools: Environment, sphinx: Path) -> None:
    build(tools, sphinx, "html", "-D", "archgen_html=image")
    page = look(sphinx / "_build/html/index.html")
    images = [each for each in page.all("img") if "archgen" not in (each.get("class") or "")]
    assert [(sphinx / "_build/html" / (each["src"] or "")).suffix for each in images] == [".svg"] * 3
    assert all((sphinx / "_build/html" / (each["src"] or "")).is_file() for each in images)
    assert "A network of" in (images[2]["alt"] or "") and page.figures == []


def test_sphinx_latex(tools: Environment, sphinx: Path) -> None:
    build(tools, sphinx, "latex")
    tex = (sphinx / "_build/latex/networks.tex").read_text("utf-8")
    names = re.findall(r"\\sphinxincludegraphics(?:\[[^]]*\])?\{\{(.*?)\}\.pdf\}", tex)
    assert [name.partition("-")[0] for name in names] == ["resnet", "lstm", "tiny"]
    assert all((sphinx / f"_build/latex/{name}.pdf").read_bytes().startswith(b"%PDF") for name in names)
    assert r"\caption{A \sphinxstyleemphasis{residual} network" in tex and "width=0.600" in tex


def test_sphinx_epub_and_text(tools: Environment, sphinx: Path) -> None:
    (sphinx / "conf.py").write_text(f'{files_of("Sphinx")["conf.py"]}copyright = version = "1"\n', "utf-8")
    build(tools, sphinx, "epub", "-d", "_build/doctrees")
    with zipfile.ZipFile(sphinx / "_build/epub/Networks.epub") as book:
        images = [name for name in book.namelist() if name.endswith(".svg")]
        assert len(images) == 3 and b"<svg" in book.read(images[0])
    build(tools, sphinx, "text", "-d", "_build/doctrees")
    assert "A stem, a residual block three times" in (sphinx / "_build/text/index.txt").read_text("utf-8")


def test_sphinx_builds_again_what_depends_on_a_spec(tools: Environment, sphinx: Path) -> None:
    for number in range(8):
        (sphinx / f"page{number}.rst").write_text(":orphan:\n\nPage\n====\n\n.. archgen:: specs/resnet.json\n", "utf-8")
    assert "9 added, 0 changed, 0 removed" in build(tools, sphinx, "html", "-j", "2")
    assert "0 added, 0 changed, 0 removed" in build(tools, sphinx)
    path = sphinx / "specs/lstm.json"
    path.write_text(path.read_text("utf-8").replace('"units": 50', '"units": 51'), "utf-8")
    said = build(tools, sphinx)
    assert "0 added, 1 changed, 0 removed" in said
    assert len(look(sphinx / "_build/html/page7.html").figures) == 1


def test_sphinx_tells_mistakes(tools: Environment, sphinx: Path) -> None:
    place = spoil(sphinx).rstrip(":")
    with (sphinx / "index.rst").open("a", encoding="utf-8") as file:
        file.write(
            "\n.. archgen:: specs/none.json\n\n.. archgen:: specs/lstm.json\n   :theme: drak\n\n.. archgen::\n\n"
        )
        file.write('   {"name": "net",\n    "node": []}\n')
    lines = (sphinx / "index.rst").read_text("utf-8").count("\n")
    done = tools.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", ".", "_build", folder=sphinx)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    for said in (
        f'{place}: WARNING: error[unknown-argument]: Dense has no argument "unit"',
        'did you mean "units"?',
        f"index.rst:{lines - 8}: WARNING: archgen: there is no file",
        f'index.rst:{lines - 6}: ERROR: Error in "archgen" directive:',
        'there is no theme "drak"; did you mean "dark"?',
        f"index.rst:{lines}: WARNING: error[unknown-key]",
    ):
        assert said in done.stderr
    assert len(look(sphinx / "_build/index.html").figures) == 2


def test_sphinx_keeps_texts_texts(tools: Environment, sphinx: Path) -> None:
    found = []
    for name, texts in {"plain": ["plain"] * len(TEXTS), "hostile": TEXTS}.items():
        parts = ["Texts\n=====\n"]
        for number, text in enumerate(texts):
            (sphinx / f"specs/{name}{number}.json").write_text(json.dumps(spec(text)), "utf-8")
            parts.append(f".. archgen:: specs/{name}{number}.json\n   :summary:\n")
        (sphinx / "index.rst").write_text("\n".join(parts), "utf-8")
        build(tools, sphinx)
        page = look(sphinx / "_build/html/index.html")
        assert len(page.figures) == len(TEXTS)
        found.append([sorted({tag for tag, _ in page.tags}), len(page.all("script")), len(page.all("style"))])
        if texts is TEXTS:
            build(tools, sphinx, "latex")
            build(tools, sphinx, "text")
    assert found[0] == found[1]


# Markdown


@pytest.fixture
def markdown(tools: Environment, tmp_path: Path) -> Path:
    return project(tmp_path, "MkDocs", "Zensical")


BUILDS = {
    "mkdocs": ("mkdocs", "build", "--strict"),
    "zensical": ("zensical", "build", "--strict", "--clean"),
    "zensical with mkdocs.yml": ("zensical", "build", "--strict", "--clean", "-f", "mkdocs.yml"),
}


@pytest.mark.parametrize("tool", BUILDS)
def test_markdown(tools: Environment, markdown: Path, tool: str) -> None:
    tools.check(*BUILDS[tool], folder=markdown)
    page = look(markdown / "site/index.html")
    first, second, third = page.figures
    assert "width: 100%" in (second["style"] or "") and third["class"] != first["class"]
    assert [each.get("style") for each in page.all("figure")] == [None, "width: 60%", None]
    assert "A residual network for CIFAR-10" in page.texts and "non-trainable" in " ".join(page.texts)
    html = (markdown / "site/index.html").read_text("utf-8")
    assert '[data-md-color-scheme="slate"]' in html and "archgen-error" not in html


@pytest.mark.parametrize("tool", BUILDS)
def test_markdown_tells_mistakes(tools: Environment, markdown: Path, tool: str) -> None:
    place = spoil(markdown)
    strict = tools.run(*BUILDS[tool], folder=markdown)
    assert strict.returncode == 1
    for said in ("archgen, in index.md:", f"{place}", 'error[unknown-argument]: Dense has no argument "unit"'):
        assert said in strict.stdout + strict.stderr
    lenient = [word for word in BUILDS[tool] if word != "--strict"]
    assert place in tools.check(*lenient, folder=markdown)
    page = look(markdown / "site/index.html")
    assert len(page.figures) == 2
    assert [each for each in page.all("pre") if each.get("class") == "archgen-error"]


# Notebooks

NOTEBOOK = """
import json
import nbformat
from nbclient import NotebookClient

book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(open("networks.py").read())])
NotebookClient(book, timeout=120, kernel_name="python3").execute()
nbformat.validate(book)
print(json.dumps(book.cells[0].outputs))
"""


def test_notebook(tools: Environment, tmp_path: Path) -> None:
    project(tmp_path, "Notebooks")
    done = tools.run("python", "-c", NOTEBOOK, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    (output,) = json.loads(done.stdout)
    assert output["output_type"] == "execute_result"
    assert output["data"]["text/plain"] == "<archgen program 'resnet' from specs/resnet.json>"
    assert (
        output["data"]["image/svg+xml"].lstrip().startswith("<?xml")
        and "residual_block" in output["data"]["image/svg+xml"]
    )


# pre-commit


def git(tools: Environment, folder: Path, *words: str) -> str:
    names = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "init.defaultBranch=main")
    return tools.check("git", *names, *words, folder=folder).strip()


@pytest.fixture(scope="module")
def hooks(tools: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with archgen as it is now."""
    folder = tmp_path_factory.mktemp("archgen")
    for name in ("archgen", "templates", "specs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    git(tools, folder, "init", "--quiet")
    git(tools, folder, "add", "--all")
    git(tools, folder, "commit", "--quiet", "--message", "archgen")
    return folder


def test_pre_commit(tools: Environment, hooks: Path, tmp_path: Path) -> None:
    project(tmp_path, "pre-commit")
    (tmp_path / "specs/archgen.schema.json").write_text("{}")
    git(tools, tmp_path, "init", "--quiet")
    git(tools, tmp_path, "add", "--all")
    tried = tools.run("pre-commit", "try-repo", str(hooks), "--all-files", folder=tmp_path)
    assert tried.returncode == 1
    assert re.search(r"check architectures\.+Passed", tried.stdout), tried.stdout + tried.stderr
    assert re.search(r"generate Keras scripts\.+Failed", tried.stdout)
    assert "generated/lstm.py was missing, and is written" in tried.stdout
    assert "def build_model" in (tmp_path / "generated/resnet.py").read_text("utf-8")

    config = tmp_path / ".pre-commit-config.yaml"
    text = config.read_text("utf-8").replace("https://github.com/OWNER/archgen", str(hooks))
    config.write_text(text.replace("v0.1.0", git(tools, hooks, "rev-parse", "HEAD")), "utf-8")
    git(tools, tmp_path, "add", "--all")
    said = tools.check("pre-commit", "run", "--all-files", folder=tmp_path)
    assert len(re.findall(r"\.+Passed", said)) == 2
    place = spoil(tmp_path)
    failed = tools.run("pre-commit", "run", "--all-files", folder=tmp_path)
    assert failed.returncode == 1
    assert f"{place}" in failed.stdout and 'error[unknown-argument]: Dense has no argument "unit"' in failed.stdout


# GitHub


def test_github(tools: Environment, tmp_path: Path) -> None:
    """The commands of the workflow, where it runs them."""
    project(tmp_path, "GitHub")
    (workflow,) = files_of("GitHub").values()
    commands = [line.partition("run: ")[2] for line in workflow.splitlines() if "run: archgen" in line]
    assert len(commands) == 2
    tools.check("archgen", "codegen", folder=tmp_path)
    for command in commands:
        assert tools.check("sh", "-c", command, folder=tmp_path) == ""
    line = spoil(tmp_path).split(":")[1]
    done = tools.run("sh", "-c", commands[0], folder=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith(f"::error file=specs/lstm.json,line={line},col=")


# The project's own pages


def test_docs(tools: Environment, tmp_path: Path) -> None:
    """The command of ``make docs``: it ends without a warning, and its pages fetch nothing."""
    made = shutil.ignore_patterns("_build", "gallery", "families", "commands.md")
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=made)
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    shutil.copy(ROOT / "README.md", tmp_path)
    (command,) = re.findall(r"\$\(BIN\)/(sphinx-build .*)", (ROOT / "Makefile").read_text("utf-8"))
    assert tools.check(*command.split(), folder=tmp_path) == ""
    site = tmp_path / "docs/_build/html"
    specs = [path.stem for path in (ROOT / "specs").glob("*.json") if path.stem != "archgen.schema"]
    assert len(look(site / "gallery/index.html").figures) == 3 * len(specs)
    for name in specs:
        page = look(site / f"gallery/{name}.html")
        assert len(page.figures) == 1 and "build_model" in page.texts and '"nodes"' in page.texts
        assert any("archgen-summary" in (each.get("class") or "") for each in page.all("table"))
    assert "Conv2DTranspose" in Page((site / "families/convolution.html").read_text("utf-8")).texts
    for path in site.rglob("*.html"):
        for tag, attributes in Page(path.read_text("utf-8")).tags:
            fetched = attributes.get("src") or (attributes.get("href") if tag == "link" else None) or ""
            assert not fetched.startswith(("http:", "https:", "//")), (path, tag, fetched)
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import\s+['\"]https?:", path.read_text("utf-8"))
