package io.whygate.e2e.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Bytes that somebody sends, with what has to come of them.
///
/// @param section under which it stands in its file
/// @param outcome the words before the first comma, such as `200 400`
/// @param options the rest, such as `closes`
/// @param sees what the bytes that arrive have to contain
/// @param never what they must not contain
/// @param bytes a character a byte
record Payload(
    String section,
    String name,
    String outcome,
    List<String> options,
    List<String> sees,
    List<String> never,
    String bytes) {
  private static final Pattern QUOTED = Pattern.compile("(sees|never) \"([^\"]*)\"");

  /// The payloads of a file among the resources of this package; its head says how it is read.
  static List<Payload> of(String file) throws IOException {
    List<Payload> all = new ArrayList<>();
    String section = "";
    String title = "";
    StringBuilder bytes = new StringBuilder();
    for (String line : text(file).lines().toList()) {
      if (line.startsWith("== ")) {
        add(all, section, title, bytes);
        title = line.substring(3);
      } else if (line.startsWith("# -- ")) {
        add(all, section, title, bytes);
        title = "";
        section = line.substring(5, line.length() - 3);
      } else if (!line.startsWith("#")) {
        bytes.append(line);
      }
    }
    add(all, section, title, bytes);
    return all;
  }

  private static String text(String file) throws IOException {
    try (InputStream in = Payload.class.getResourceAsStream("/hostile/" + file)) {
      if (in == null) {
        throw new IOException(file + ": not there");
      }
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static void add(List<Payload> all, String section, String title, StringBuilder escaped) {
    if (!title.isEmpty()) {
      int arrow = title.indexOf(" => ");
      String expected = title.substring(arrow + 4);
      Matcher quoted = QUOTED.matcher(expected);
      List<String> sees = new ArrayList<>();
      List<String> never = new ArrayList<>();
      while (quoted.find()) {
        (quoted.group(1).equals("sees") ? sees : never).add(unescaped(quoted.group(2)));
      }
      List<String> words =
          Arrays.stream(QUOTED.matcher(expected).replaceAll("").split(",", -1))
              .map(String::strip)
              .filter(each -> !each.isEmpty())
              .toList();
      all.add(
          new Payload(
              section,
              title.substring(0, arrow),
              words.getFirst(),
              words.subList(1, words.size()),
              sees,
              never,
              unescaped(escaped.toString())));
    }
    escaped.setLength(0);
  }

  boolean has(String option) {
    return options.contains(option);
  }

  byte[] raw() {
    return bytes.getBytes(ISO_8859_1);
  }

  private static String unescaped(String text) {
    StringBuilder out = new StringBuilder();
    new Unescaping(text, out).upTo('\0');
    return out.toString();
  }

  /// Reads `\r`, `\n`, `\t`, `\0`, `\xHH`, `\\` and `{N*text}`.
  private static final class Unescaping {
    private final String text;
    private StringBuilder out;
    private int at;

    Unescaping(String text, StringBuilder out) {
      this.text = text;
      this.out = out;
    }

    void upTo(char end) {
      while (at < text.length() && text.charAt(at) != end) {
        char c = text.charAt(at++);
        switch (c) {
          case '\\' -> escape();
          case '{' -> repeat();
          default -> out.append(c);
        }
      }
      at++;
    }

    private void escape() {
      char c = text.charAt(at++);
      out.append(
          switch (c) {
            case 'r' -> '\r';
            case 'n' -> '\n';
            case 't' -> '\t';
            case '0' -> '\0';
            case 'x' -> (char) Integer.parseInt(text, at, at += 2, 16);
            default -> c;
          });
    }

    private void repeat() {
      int star = text.indexOf('*', at);
      int times = Integer.parseInt(text, at, star, 10);
      at = star + 1;
      StringBuilder outer = out;
      out = new StringBuilder();
      upTo('}');
      outer.repeat(out, times);
      out = outer;
    }
  }
}
