package io.whygate.diagnostics.json;

import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The members of an object that was read, by name and as the type that is wanted.
///
/// A member that is not there, or not of that type, is a [Missing]: who reads something that the
/// program wrote itself catches that once.
public record Members(Map<String, Object> values) {

  /// A member that is wanted and not there, or of another type.
  public static final class Missing extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Missing(String name, String expected) {
      super(name + ": not there (expected: " + expected + ")");
    }
  }

  public Members {
    values = Map.copyOf(values);
  }

  /// Reads a text.
  public static Members of(String text) throws InvalidJsonException {
    return new Members(JsonReader.object(text));
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  public String text(String name) {
    return find(name, String.class).orElseThrow(() -> new Missing(name, "a text"));
  }

  /// The text; empty where there is none.
  public String textOrEmpty(String name) {
    return find(name, String.class).orElse("");
  }

  public long number(String name) {
    return decimal(name, "a number").longValue();
  }

  /// The number, or another where there is none.
  public long number(String name, long otherwise) {
    return find(name, Double.class).map(Double::longValue).orElse(otherwise);
  }

  public double decimal(String name) {
    return decimal(name, "a number");
  }

  private Double decimal(String name, String expected) {
    return find(name, Double.class).orElseThrow(() -> new Missing(name, expected));
  }

  public boolean flag(String name) {
    return find(name, Boolean.class).orElseThrow(() -> new Missing(name, "true or false"));
  }

  public Instant moment(String name) {
    return momentIfThere(name).orElseThrow(() -> new Missing(name, "a moment"));
  }

  public Optional<Instant> momentIfThere(String name) {
    try {
      return find(name, String.class).map(Instant::parse);
    } catch (DateTimeException _) {
      throw new Missing(name, "a moment");
    }
  }

  public <E extends Enum<E>> E constant(String name, Class<E> type) {
    try {
      return Enum.valueOf(type, text(name));
    } catch (IllegalArgumentException _) {
      throw new Missing(name, type.getSimpleName());
    }
  }

  public Members object(String name) {
    return objectIfThere(name).orElseThrow(() -> new Missing(name, "an object"));
  }

  public Optional<Members> objectIfThere(String name) {
    return find(name, Map.class).map(Members::ofMap);
  }

  /// The objects of a list; none where it is not there.
  public List<Members> objects(String name) {
    return elements(name).stream()
        .map(each -> {
          if (each instanceof Map<?, ?> map) {
            return ofMap(map);
          }
          throw new Missing(name, "objects");
        })
        .toList();
  }

  /// The texts of a list; none where it is not there.
  public List<String> texts(String name) {
    return elements(name).stream().map(String::valueOf).toList();
  }

  /// The elements of a list; none where it is not there.
  public List<?> elements(String name) {
    return values.get(name) instanceof List<?> list ? list : List.of();
  }

  private static Members ofMap(Map<?, ?> map) {
    return new Members(
        map.entrySet().stream()
            .collect(
                java.util.stream.Collectors.toMap(
                    each -> String.valueOf(each.getKey()), Map.Entry::getValue)));
  }

  private <T> Optional<T> find(String name, Class<T> type) {
    return Optional.ofNullable(values.get(name)).filter(type::isInstance).map(type::cast);
  }
}
