"""The pages: widgets and calls.

A folder named ``pages`` beside the script would be taken for Streamlit's own navigation.
"""
