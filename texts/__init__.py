"""The words: every sentence for a person, in zh-CN and English, as gettext catalogues by feature."""

from texts.words import DEFAULT, LANGUAGES, Words, choose, words

__all__ = ["DEFAULT", "LANGUAGES", "Words", "choose", "words"]
