package io.whygate.diagnostics.contact;

import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the person or desk to write to among the entities of an RDAP answer (RFC 9083 section 5.1)
/// and reads its jCard (RFC 7095).
final class Entities {
  /// Who helps with a site that does not answer, best first.
  private static final List<String> ROLES =
      List.of("technical", "noc", "abuse", "administrative", "registrant", "registrar");

  private static final int DEEPEST = 4;

  private Entities() {}

  /// An entity with what it is there for.
  private record Found(Contact contact, int role) {}

  /// The best contact of an answer; empty where none can be written to.
  static Optional<HostContact> bestOf(Map<String, Object> answer, URI source) {
    List<Found> all = new ArrayList<>();
    collect(answer, all, 0);
    Found best = null;
    for (Found each : all) {
      if (best == null || each.role() < best.role()) {
        best = each;
      }
    }
    return best == null
        ? Optional.empty()
        : Optional.of(
            new HostContact(
                best.contact(), ROLES.get(best.role()), subject(answer), source.toString()));
  }

  private static void collect(Map<?, ?> object, List<Found> into, int depth) {
    if (depth > DEEPEST || !(object.get("entities") instanceof List<?> entities)) {
      return;
    }
    for (Object each : entities) {
      if (each instanceof Map<?, ?> entity) {
        Contact contact = contact(entity.get("vcardArray"));
        int role = role(entity.get("roles"));
        if (role >= 0 && !contact.email().isEmpty()) {
          into.add(new Found(contact, role));
        }
        collect(entity, into, depth + 1);
      }
    }
  }

  private static int role(@Nullable Object roles) {
    int best = -1;
    if (roles instanceof List<?> list) {
      for (Object each : list) {
        int role = ROLES.indexOf(String.valueOf(each).toLowerCase(Locale.ROOT));
        best = role >= 0 && (best < 0 || role < best) ? role : best;
      }
    }
    return best;
  }

  private static Contact contact(@Nullable Object vcardArray) {
    String name = "";
    String email = "";
    String phone = "";
    String url = "";
    if (vcardArray instanceof List<?> array
        && array.size() >= 2
        && array.get(1) instanceof List<?> properties) {
      for (Object each : properties) {
        if (each instanceof List<?> property && property.size() >= 4) {
          String value = property.get(3) instanceof String text ? clean(text) : "";
          switch (String.valueOf(property.get(0)).toLowerCase(Locale.ROOT)) {
            case "fn" -> name = name.isEmpty() ? value : name;
            case "org" -> name = name.isEmpty() ? value : name;
            case "email" -> email = email.isEmpty() && isEmail(value) ? value : email;
            case "tel" -> phone = phone.isEmpty() ? value.replaceFirst("^tel:", "") : phone;
            case "url" -> url = url.isEmpty() && isWeb(value) ? value : url;
            default -> {
              // Says nothing of how to reach somebody.
            }
          }
        }
      }
    }
    return new Contact(name, email, phone, url);
  }

  /// One line of a bearable length.
  private static String clean(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() > 200 ? line.substring(0, 200) : line;
  }

  private static boolean isEmail(String text) {
    return text.matches("[^\\s@<>\"(),:;\\[\\]]+@[^\\s@<>\"(),:;\\[\\]]+");
  }

  private static boolean isWeb(String text) {
    return text.startsWith("https://") || text.startsWith("http://");
  }

  private static String subject(Map<String, Object> answer) {
    String domain = text(answer, "ldhName");
    if (!domain.isEmpty()) {
      return domain.toLowerCase(Locale.ROOT);
    }
    String name = text(answer, "name").isEmpty() ? text(answer, "handle") : text(answer, "name");
    return text(answer, "startAddress") + " - " + text(answer, "endAddress") + " (" + name + ")";
  }

  private static String text(Map<String, Object> answer, String name) {
    return answer.get(name) instanceof String text ? clean(text) : "";
  }
}
