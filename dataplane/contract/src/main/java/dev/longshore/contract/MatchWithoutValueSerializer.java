package dev.longshore.contract;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;

/** Writes a condition without its value, which may be a token that only the right clients know. */
final class MatchWithoutValueSerializer extends StdSerializer<ValueMatch> {
  private static final long serialVersionUID = 1;

  MatchWithoutValueSerializer() {
    super(ValueMatch.class);
  }

  @Override
  public void serialize(ValueMatch match, JsonGenerator to, SerializerProvider provider)
      throws IOException {
    to.writeStartObject();
    to.writeStringField("name", match.name());
    provider.defaultSerializeField("type", match.type(), to);
    to.writeStringField("value", ValueMatch.REDACTED);
    to.writeEndObject();
  }
}
