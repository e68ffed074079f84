package io.whygate.gateway.address;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The system's hosts file, read again when it changed. Blocks: never on an event loop.
final class HostsFile {
  private final Path file;
  private FileTime readAt = FileTime.fromMillis(-1);
  private Map<String, List<InetAddress>> names = Map.of();

  HostsFile(Path file) {
    this.file = file;
  }

  /// The addresses that the file gives a name; empty where it gives none or cannot be read.
  synchronized List<InetAddress> find(String name) {
    try {
      FileTime changed = Files.getLastModifiedTime(file);
      if (!changed.equals(readAt)) {
        names = parse(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
        readAt = changed;
      }
    } catch (IOException _) {
      names = Map.of();
    }
    return names.getOrDefault(name, List.of());
  }

  private static Map<String, List<InetAddress>> parse(List<String> lines) {
    Map<String, List<InetAddress>> names = new HashMap<>();
    for (String line : lines) {
      int comment = line.indexOf('#');
      String[] words = (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+", -1);
      Optional<InetAddress> address = literal(words[0]);
      for (int i = 1; i < words.length && address.isPresent(); i++) {
        names.computeIfAbsent(key(words[i]), _ -> new ArrayList<>()).add(address.get());
      }
    }
    return names;
  }

  private static Optional<InetAddress> literal(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
