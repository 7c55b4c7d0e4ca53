package dev.longshore.contract;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.util.function.Function;

/** How what holds one thing looks in JSON: as that thing. */
public final class BareJson {
  private BareJson() {}

  /** Adds what reads and writes such a type. */
  public static <T, V> void addTo(
      SimpleModule module,
      Class<T> type,
      TypeReference<V> held,
      Function<T, V> get,
      Function<V, T> make) {
    module.addSerializer(type, new BareWriter<>(type, get));
    module.addDeserializer(type, new BareReader<>(type, held, make));
  }

  private static final class BareWriter<T> extends StdSerializer<T> {
    private static final long serialVersionUID = 1;

    private final transient Function<T, ?> get;

    BareWriter(Class<T> type, Function<T, ?> get) {
      super(type);
      this.get = get;
    }

    @Override
    public void serialize(T bare, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      provider.defaultSerializeValue(get.apply(bare), json);
    }
  }

  private static final class BareReader<T, V> extends StdDeserializer<T> {
    private static final long serialVersionUID = 1;

    private final transient TypeReference<V> held;
    private final transient Function<V, T> make;

    BareReader(Class<T> type, TypeReference<V> held, Function<V, T> make) {
      super(type);
      this.held = held;
      this.make = make;
    }

    @Override
    public T deserialize(JsonParser json, DeserializationContext context) throws IOException {
      return make.apply(context.readValue(json, context.getTypeFactory().constructType(held)));
    }
  }
}
