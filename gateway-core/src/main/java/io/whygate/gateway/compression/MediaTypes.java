package io.whygate.gateway.compression;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The media types that are worth compressing.
final class MediaTypes {
  private final Set<String> exact = new HashSet<>();
  private final List<String> beginnings;
  private final List<String> ends;

  /// @param types `text/html`, `text/*` or `*+json`
  MediaTypes(List<String> types) {
    for (String type : types) {
      if (!type.contains("*")) {
        exact.add(type);
      }
    }
    beginnings =
        types.stream()
            .filter(type -> type.endsWith("*"))
            .map(type -> type.substring(0, type.length() - 1))
            .toList();
    ends =
        types.stream().filter(type -> type.startsWith("*")).map(type -> type.substring(1)).toList();
  }

  /// @param field the value of Content-Type
  boolean contain(String field) {
    int end = field.indexOf(';');
    String type = (end < 0 ? field : field.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    return exact.contains(type)
        || beginnings.stream().anyMatch(type::startsWith)
        || ends.stream().anyMatch(type::endsWith);
  }
}
