# Turns a text file into C++: cmake -DIN=FILE -DOUT=FILE -DNAMESPACE=a::b -DNAME=identifier -P embed.cmake
# Bytes as numbers: no length limit of string literals, no escapes.
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
file(WRITE "${OUT}" "#include <cstddef>
namespace ${NAMESPACE} {
extern const unsigned char ${NAME}[];
extern const std::size_t ${NAME}Size;
const unsigned char ${NAME}[] = {${bytes}};
const std::size_t ${NAME}Size = sizeof(${NAME});
}  // namespace ${NAMESPACE}
")
