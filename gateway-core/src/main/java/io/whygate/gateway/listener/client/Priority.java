package io.whygate.gateway.listener.client;

/// What a client says of how soon it wants an answer (RFC 9218 section 4).
///
/// @param urgency 0 for the soonest, to 7
/// @param incremental whether pieces of it are of use before it is whole
public record Priority(int urgency, boolean incremental) {
  /// How many levels of urgency there are.
  public static final int LEVELS = 8;

  public static final Priority NORMAL = new Priority(3, false);

  /// Reads a Priority field; what it does not understand counts as not said.
  public static Priority parse(byte[] bytes, int start, int end) {
    int urgency = NORMAL.urgency;
    boolean incremental = false;
    int at = start;
    while (at < end) {
      int stop = at;
      while (stop < end && bytes[stop] != ',') {
        stop++;
      }
      while (at < stop && (bytes[at] == ' ' || bytes[at] == '\t')) {
        at++;
      }
      int last = stop;
      while (last > at && (bytes[last - 1] == ' ' || bytes[last - 1] == '\t')) {
        last--;
      }
      int length = last - at;
      if (length == 3
          && bytes[at] == 'u'
          && bytes[at + 1] == '='
          && bytes[at + 2] >= '0'
          && bytes[at + 2] <= '7') {
        urgency = bytes[at + 2] - '0';
      } else if (length >= 1 && bytes[at] == 'i') {
        boolean bare = length == 1;
        boolean given = length == 4 && bytes[at + 1] == '=' && bytes[at + 2] == '?';
        if (bare || given) {
          incremental = bare || bytes[at + 3] == '1';
        }
      }
      at = stop + 1;
    }
    return urgency == NORMAL.urgency && !incremental ? NORMAL : new Priority(urgency, incremental);
  }
}
