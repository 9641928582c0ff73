# Three ways to ask; what is told differs from build to build.
wirecopy --version --verbose >one
wirecopy --version -v | cmp - one
wirecopy version | cmp - one
sed -E 's/ (gcc|clang) .*/ COMPILER/; s/^(  (kernels|iconv) +).*/\1NAME/
s/^(  [a-z]+ +)([0-9][0-9.]+|of unknown version|none)$/\1VERSION/' one
