package io.whygate.diagnostics.page;

/// A language that pages are written in. Each has a file `texts/TAG.properties` with every text.
public enum Language {
  ENGLISH("en"),
  VIETNAMESE("vi");

  private final String tag;

  Language(String tag) {
    this.tag = tag;
  }

  /// The language tag (RFC 5646), such as `en`.
  public String tag() {
    return tag;
  }
}
