package io.whygate.gateway.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The fields of a message, kept as the bytes that came with a table of where each name and value
/// lies.
///
/// Used again for the next message of its connection; confined to that connection's event loop.
/// Values are valid until the next message begins.
public final class FieldSection {
  private static final int STRIDE = FieldArrays.STRIDE;
  private static final int NAME = 0;
  private static final int NAME_END = 1;
  private static final int VALUE = 2;
  private static final int VALUE_END = 3;
  private static final int LINE_END = 4;

  /// While it holds nothing, it has no arrays.
  private static final FieldArrays NONE =
      new FieldArrays(new byte[0], new int[0], new FieldName[0]);

  private FieldArrays arrays = NONE;
  private boolean lent;
  private byte[] bytes = arrays.bytes;
  private int length;
  private int filled;
  private int[] table = arrays.table;
  private @Nullable FieldName[] known = arrays.known;
  private int count;

  /// A bit for each name that there is: most of those that are looked for are not.
  private long names;

  private int runStart = -1;
  private int runEnd;

  /// A section for the head of a message.
  FieldSection() {}

  private FieldSection(FieldArrays own) {
    hold(own);
  }

  /// A section for trailers, of which there are few: it has small arrays of its own.
  static FieldSection small() {
    return new FieldSection(FieldArrays.few());
  }

  /// A section that holds nothing.
  public static FieldSection empty() {
    return new FieldSection();
  }

  /// The bytes that the positions speak of; they change with the next message.
  public byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /// How many of the bytes came with this message: those after the fields are the beginning of its
  /// content, and those after these another message's, perhaps another client's.
  public int filled() {
    return filled;
  }

  void clear() {
    length = 0;
    filled = 0;
    count = 0;
    names = 0;
    runStart = -1;
    if (lent) {
      lent = false;
      arrays.giveBack();
      hold(NONE);
    } else if (bytes.length > FieldArrays.BYTES) {
      hold(FieldArrays.few());
    }
  }

  private void hold(FieldArrays others) {
    arrays = others;
    bytes = others.bytes;
    table = others.table;
    known = others.known;
  }

  /// Takes bytes over from the buffer, without parsing them.
  void take(ByteBuf in, int n) {
    if (arrays == NONE) {
      hold(FieldArrays.lend());
      lent = true;
    }
    if (length + n > bytes.length) {
      byte[] more = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + n));
      hold(new FieldArrays(more, table, known));
    }
    in.readBytes(bytes, length, n);
    length += n;
    filled = length;
  }

  /// Drops what was taken after this position.
  void truncate(int newLength) {
    length = newLength;
  }

  /// How many fields there are.
  public int count() {
    return count;
  }

  /// The name of a field if it is one that the gateway acts on, else null.
  public @Nullable FieldName known(int field) {
    return known[field];
  }

  public int nameStart(int field) {
    return table[field * STRIDE + NAME];
  }

  public int nameEnd(int field) {
    return table[field * STRIDE + NAME_END];
  }

  public int valueStart(int field) {
    return table[field * STRIDE + VALUE];
  }

  public int valueEnd(int field) {
    return table[field * STRIDE + VALUE_END];
  }

  /// The position behind the field's line, its CRLF included.
  public int lineEnd(int field) {
    return table[field * STRIDE + LINE_END];
  }

  /// Takes a field's line into the run of lines that [#writeRun] copies: each that follows the one
  /// before it, so that a run is copied at once.
  public void pass(int field) {
    if (runStart < 0) {
      runStart = nameStart(field);
    }
    runEnd = lineEnd(field);
  }

  /// Copies the run of lines that were passed since the last call; called before a field that does
  /// not pass, and behind the last one.
  public void writeRun(ByteBuf out) {
    if (runStart >= 0) {
      out.writeBytes(bytes, runStart, runEnd - runStart);
      runStart = -1;
    }
  }

  public String name(int field) {
    return text(nameStart(field), nameEnd(field));
  }

  public String value(int field) {
    return text(valueStart(field), valueEnd(field));
  }

  /// The bytes of a range as text, a character a byte.
  public String text(int start, int end) {
    return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
  }

  /// The first field of this name at or after the position, or -1.
  public int find(FieldName name, int from) {
    if ((names & bit(name)) == 0) {
      return -1;
    }
    for (int i = from; i < count; i++) {
      if (known[i] == name) {
        return i;
      }
    }
    return -1;
  }

  /// Where there are more names than bits, several share one: then some are looked for in vain.
  @SuppressWarnings("EnumOrdinal") // the position lives no longer than the message
  private static long bit(FieldName name) {
    return 1L << name.ordinal();
  }

  public boolean has(FieldName name) {
    return find(name, 0) >= 0;
  }

  /// The value of the first field of this name; empty where there is none.
  public String first(FieldName name) {
    int field = find(name, 0);
    return field < 0 ? "" : value(field);
  }

  /// Whether the value of the first field of this name begins with this lower-case text, in
  /// whatever case: `text/html` for one.
  public boolean begins(FieldName name, byte[] lowerCase) {
    int field = find(name, 0);
    if (field < 0) {
      return false;
    }
    int start = valueStart(field);
    int end = start + lowerCase.length;
    return end <= valueEnd(field) && Grammar.equalsIgnoreCase(bytes, start, end, lowerCase);
  }

  /// The values of all fields of this name, joined by `, ` (RFC 9110 section 5.3); empty where
  /// there is none.
  public String joined(FieldName name) {
    int field = find(name, 0);
    if (field < 0) {
      return "";
    }
    int next = find(name, field + 1);
    if (next < 0) {
      return value(field);
    }
    StringBuilder all = new StringBuilder(value(field));
    for (; next >= 0; next = find(name, next + 1)) {
      all.append(", ").append(value(next));
    }
    return all.toString();
  }

  /// The values of all fields of this lower-case name, known to the gateway or not, joined by `, `;
  /// empty where there is none.
  public String joined(String lowerCaseName) {
    byte[] wanted = lowerCaseName.getBytes(StandardCharsets.ISO_8859_1);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < count; i++) {
      if (Grammar.equalsIgnoreCase(bytes, nameStart(i), nameEnd(i), wanted)) {
        all.append(all.isEmpty() ? "" : ", ").append(value(i));
      }
    }
    return all.toString();
  }

  /// The value of the first field of this lower-case name, known to the gateway or not; null where
  /// there is none.
  public @Nullable String first(String lowerCaseName) {
    byte[] wanted = lowerCaseName.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < count; i++) {
      if (Grammar.equalsIgnoreCase(bytes, nameStart(i), nameEnd(i), wanted)) {
        return value(i);
      }
    }
    return null;
  }

  /// Enters the field whose line was taken and ends, without its CRLF, at the position.
  ///
  /// @return what is wrong with it, or null
  @Nullable FieldProblem enter(int start, int end) {
    byte first = bytes[start];
    if (first == ' ' || first == '\t') {
      return FieldProblem.FOLDED;
    }
    int colon = start;
    while (colon < end && Grammar.isToken(bytes[colon])) {
      colon++;
    }
    if (colon == end) {
      return FieldProblem.NO_COLON;
    }
    if (bytes[colon] != ':') {
      return bytes[colon] == ' ' || bytes[colon] == '\t'
          ? FieldProblem.SPACE_IN_NAME
          : FieldProblem.BAD_NAME;
    }
    if (colon == start) {
      return FieldProblem.EMPTY_NAME;
    }
    int value = colon + 1;
    while (value < end && (bytes[value] == ' ' || bytes[value] == '\t')) {
      value++;
    }
    int valueEnd = end;
    while (valueEnd > value && (bytes[valueEnd - 1] == ' ' || bytes[valueEnd - 1] == '\t')) {
      valueEnd--;
    }
    for (int i = value; i < valueEnd; i++) {
      if (!Grammar.isValue(bytes[i])) {
        return FieldProblem.BAD_VALUE;
      }
    }
    if (count == known.length) {
      @Nullable FieldName[] names = Arrays.copyOf(known, count * 2);
      hold(new FieldArrays(bytes, Arrays.copyOf(table, count * 2 * STRIDE), names));
    }
    int at = count * STRIDE;
    table[at + NAME] = start;
    table[at + NAME_END] = colon;
    table[at + VALUE] = value;
    table[at + VALUE_END] = valueEnd;
    table[at + LINE_END] = end + 2;
    FieldName name = FieldName.of(bytes, start, colon);
    known[count] = name;
    names |= name == null ? 0 : bit(name);
    count++;
    return null;
  }

  /// Joins a folded line to the field before it: the line end and the white space become spaces
  /// (RFC 9112 section 5.2).
  ///
  /// @return what is wrong, or null
  @Nullable FieldProblem unfold(int start, int end) {
    if (count == 0) {
      return FieldProblem.FOLDED;
    }
    int at = (count - 1) * STRIDE;
    int field = table[at + NAME];
    bytes[start - 2] = ' ';
    bytes[start - 1] = ' ';
    bytes[start] = ' ';
    count--;
    return enter(field, end);
  }
}
